import Glibc
import Logging
import Synchronization
import SystemPackage

/// Where a program speaks to its operator: standard error, or a log file that can be opened anew.
///
/// On a terminal its last line may be a status line, which is rewritten in place and which log lines push down.
/// Whole lines are written at once, so those of several threads never mix. What cannot be written is lost silently:
/// a full disk must not stop a replay.
public final class Console: Sendable {
    private struct Output {
        var descriptor: FileDescriptor
        /// The status line that now stands on the terminal, empty when there is none.
        var status = ""
    }

    private let file: FilePath?
    /// Whether somebody watches: then the status is one live line, otherwise a block in the log.
    public let isTerminal: Bool
    private let output: Mutex<Output>

    /// Speaks to standard error, or appends to `logFile`, which is created when missing.
    public init(logFile: String? = nil) throws(Refusal) {
        file = logFile.map { FilePath($0) }
        let descriptor = try file.map { path throws(Refusal) in try Self.open(path) } ?? .standardError
        isTerminal = file == nil && isatty(descriptor.rawValue) == 1
        output = Mutex(Output(descriptor: descriptor))
    }

    deinit {
        if file != nil { output.withLock { try? $0.descriptor.close() } }
    }

    /// Whether it speaks to standard error rather than to a file.
    public var isStandardError: Bool { file == nil }

    /// How often `showStatus` is worth calling.
    public var statusInterval: Duration { isTerminal ? .seconds(1) : .seconds(30) }

    /// Writes lines as they are, without time or level: a ledger.
    public func write(_ lines: String...) { write(lines) }

    /// Writes lines as they are, without time or level: a ledger.
    public func write(_ lines: [String]) {
        let text = lines.map { $0 + "\n" }.joined()
        output.withLock { output in
            put(output.status.isEmpty ? text : "\r\u{1b}[K" + text + output.status, to: output.descriptor)
        }
    }

    /// Rewrites the status line of a terminal. It should fit a line of the terminal: what is longer wraps.
    public func showStatus(_ line: String) {
        guard isTerminal else { return }
        output.withLock { output in
            output.status = line
            put("\r\u{1b}[K" + line, to: output.descriptor)
        }
    }

    /// Takes the status line away.
    public func clearStatus() { showStatus("") }

    /// Opens the log file anew, after it was moved aside. Nothing happens to standard error.
    public func reopen() {
        guard let file, let fresh = try? Self.open(file) else { return }
        output.withLock { output in
            try? output.descriptor.close()
            output.descriptor = fresh
        }
    }

    private static func open(_ path: FilePath) throws(Refusal) -> FileDescriptor {
        do {
            return try FileDescriptor.open(
                path, .writeOnly, options: [.append, .create, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch {
            throw Refusal("-l \(path): cannot open the log file: \(error)", .systemError)
        }
    }

    private func put(_ text: String, to descriptor: FileDescriptor) {
        _ = try? descriptor.writeAll(text.utf8)
    }
}
