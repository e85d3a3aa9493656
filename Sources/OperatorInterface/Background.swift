import CLinux
import Glibc
import Synchronization
import SystemPackage

/// The way into the background. The process that the operator started waits until its child is up and then exits with 0,
/// or with the child's status when that ends before.
public final class Background: Sendable {
    private let readiness: Mutex<FileDescriptor?>

    /// Goes on as a child of the calling process, in a session of its own; standard error is still the operator's.
    ///
    /// Only sound while the process has one thread: call it first.
    public init() throws(Refusal) {
        let descriptor = clinux_detach()
        guard descriptor >= 0 else {
            throw Refusal("-d: cannot go into the background: \(Errno(rawValue: errno))", .systemError)
        }
        readiness = Mutex(FileDescriptor(rawValue: descriptor))
    }

    /// Lets the waiting process go and leaves the terminal: the standard streams are /dev/null from here on.
    public func complete() {
        guard let readiness = readiness.withLock({ $0.take() }) else { return }
        if let null = try? FileDescriptor.open(FilePath("/dev/null"), .readWrite, options: .closeOnExec) {
            for stream in [FileDescriptor.standardInput, .standardOutput, .standardError] {
                _ = try? null.duplicate(as: stream)
            }
            try? null.close()
        }
        _ = try? readiness.writeAll([0])
        try? readiness.close()
    }
}
