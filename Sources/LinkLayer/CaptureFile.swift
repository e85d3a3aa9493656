import CLinux
import Glibc

/// A file of captured packets, or standard input, as a stream of bytes; what gzip has compressed is decompressed.
public struct CaptureFile: ~Copyable {
    /// As the user names it; `-` is standard input.
    public let path: String
    /// Bytes of the file as it lies on the disk; nil where nobody can know, as for a pipe.
    public let size: Int?
    /// Bytes of it that were read.
    public private(set) var position = 0
    private let file: Descriptor
    private let isPipe: Bool
    /// Nil before the first bytes have told.
    private var isCompressed: Bool?
    private var decoder: GzipDecoder?
    /// Read, and not decompressed yet.
    private var waiting: ArraySlice<UInt8> = []

    public static let standardInput = "-"
    /// Whether there is any. To be asked before anything is opened, which would get its number.
    public static var hasStandardInput: Bool { fcntl(STDIN_FILENO, F_GETFD) >= 0 }
    /// Bytes that `read` returns at most.
    public static let chunk = 256 << 10

    /// Opens the file.
    public init(_ path: String) throws(SystemRefusal) {
        let opened =
            path == Self.standardInput
            ? try Descriptor(duplicating: STDIN_FILENO, subject: "standard input") : try Descriptor(file: path)
        var status = stat()
        let number = opened.number
        try SystemCall.require("read", path) { unsafe Int(fstat(number, &status)) }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFDIR else { throw SystemRefusal("read", path, code: EISDIR) }
        self.path = path
        size = kind == S_IFREG ? Int(status.st_size) : nil
        isPipe = kind == S_IFIFO
        file = opened
    }

    /// To be waited on where reading might.
    public var descriptor: Int32 { file.number }

    /// The next bytes, decompressed; none at the end. May wait.
    ///
    /// - Throws: what the system says, or that compressed data is damaged or cut off.
    public mutating func read() throws(SystemRefusal) -> [UInt8] {
        if isCompressed == nil { try detectCompression() }
        guard isCompressed == true else {
            defer { waiting = [] }
            return waiting.isEmpty ? try readBytes() : Array(waiting)
        }
        while true {
            if waiting.isEmpty, decoder?.isDamaged != true {
                waiting = try readBytes()[...]
                guard !waiting.isEmpty else {
                    guard decoder?.isInsideMember == true else { return [] }
                    throw SystemRefusal("decompress", path, reason: "the data is cut off at byte \(position)")
                }
            }
            let bytes = try decompress()
            if !bytes.isEmpty { return bytes }
        }
    }

    private mutating func detectCompression() throws(SystemRefusal) {
        while waiting.count < GzipDecoder.magic.count {
            let bytes = try readBytes()
            guard !bytes.isEmpty else { break }
            waiting += bytes
        }
        isCompressed = waiting.starts(with: GzipDecoder.magic)
        if isCompressed == true { decoder = GzipDecoder() }
    }

    private mutating func decompress() throws(SystemRefusal) -> [UInt8] {
        do throws(GzipDecoder.Fault) {
            return try decoder?.decode(&waiting, limit: Self.chunk) ?? []
        } catch {
            throw SystemRefusal(
                "decompress", path, reason: "the data is damaged before byte \(position - waiting.count)")
        }
    }

    /// A pipe that nobody has opened for writing yet would read as if it were at its end.
    private func awaitWriter() { _ = SystemCall.wait(for: POLLIN, on: file.number, milliseconds: -1) }

    private mutating func readBytes() throws(SystemRefusal) -> [UInt8] {
        let number = file.number
        if isPipe, position == 0 { awaitWriter() }
        var outcome = SystemCall.Outcome.done(0)
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
            repeat {
                if case .busy = outcome { _ = SystemCall.wait(for: POLLIN, on: number, milliseconds: -1) }
                outcome = SystemCall.perform { unsafe Glibc.read(number, buffer.baseAddress, Self.chunk) }
            } while outcome.isBusy
            if case .done(let length) = outcome { count = length }
        }
        if case .refused(let code) = outcome { throw SystemRefusal("read", path, code: code) }
        position += bytes.count
        return bytes
    }
}

extension SystemCall.Outcome {
    fileprivate var isBusy: Bool {
        if case .busy = self { true } else { false }
    }
}
