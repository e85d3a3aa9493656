import FoundationEssentials
import Glibc
import SystemPackage

/// A file that holds the number of this process, for those who send it signals.
public struct PIDFile: Sendable {
    private let path: String

    /// Writes the file. Refuses when the file names another process that still runs.
    public init(_ path: String) throws(Refusal) {
        if let text = try? String(contentsOfFile: path, encoding: .utf8),
            let number = WholeNumber.read(text.filter { !$0.isWhitespace }), let other = pid_t(exactly: number),
            other > 0, other != getpid(), kill(other, 0) == 0 || errno == EPERM
        {
            throw Refusal("-P \(path): process \(other), named there, still runs", .configuration)
        }
        do {
            let descriptor = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            try descriptor.closeAfter { _ = try descriptor.writeAll("\(getpid())\n".utf8) }
        } catch {
            throw Refusal("-P \(path): cannot write the PID file: \(error)", .systemError)
        }
        self.path = path
    }

    /// Takes the file away.
    public func remove() { try? FileManager.default.removeItem(atPath: path) }
}
