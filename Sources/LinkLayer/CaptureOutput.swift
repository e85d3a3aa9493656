import CLinux
import Glibc

/// A file that captured packets are written to. Only its owner may read it, for it holds what clients sent.
public struct CaptureOutput: ~Copyable {
    private let path: String
    private let file: Descriptor
    /// Whether it can be shortened; a pipe or a device can't.
    private let isRegular: Bool
    /// Bytes written.
    private var position = 0

    /// Creates the file, or empties it.
    public init(_ path: String) throws(SystemRefusal) {
        let opened = try Descriptor(creating: path)
        let number = opened.number
        var status = stat()
        try SystemCall.require("write", path) { unsafe Int(fstat(number, &status)) }
        let isRegular = status.st_mode & S_IFMT == S_IFREG
        // It may have been there before, and open to others.
        try SystemCall.require("write", path) { isRegular ? Int(fchmod(number, S_IRUSR | S_IWUSR)) : 0 }
        try SystemCall.require("write", path) { isRegular ? Int(ftruncate(number, 0)) : 0 }
        self.path = path
        self.isRegular = isRegular
        file = opened
    }

    /// Writes all of `bytes`. May wait.
    ///
    /// - Throws: what the system says, and then nothing of `bytes` is left in the file.
    public mutating func write(_ bytes: [UInt8]) throws(SystemRefusal) {
        let number = file.number
        var done = 0
        while done < bytes.count {
            let outcome = unsafe bytes[done...].withUnsafeBytes { rest in
                SystemCall.perform { unsafe Glibc.write(number, rest.baseAddress, rest.count) }
            }
            switch outcome {
            case .done(let count): done += count
            case .busy: _ = SystemCall.wait(for: POLLOUT, on: number, milliseconds: -1)
            case .refused(let code):
                if isRegular { _ = SystemCall.perform { Int(ftruncate(number, off_t(position))) } }
                throw SystemRefusal("write", path, code: code)
            }
        }
        position += done
    }
}
