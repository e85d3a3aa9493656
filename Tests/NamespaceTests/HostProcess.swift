import Foundation
import Glibc

/// A process on one of the lab's hosts; what it prints is kept in a file.
///
/// It runs until it ends by itself, is told to stop, or its lab is taken down.
struct HostProcess: Sendable {
    let command: String
    let outputPath: String
    private let process: Process

    /// Starts `arguments` on the host whose namespace is named, or on this machine where none is.
    init(namespace: String?, _ arguments: [String], outputPath: String, environment: [String: String] = [:]) throws {
        command = arguments.joined(separator: " ")
        self.outputPath = outputPath
        try Data().write(to: URL(filePath: outputPath))
        let output = try FileHandle(forWritingTo: URL(filePath: outputPath))
        defer { try? output.close() }
        process = Process()
        // This and `ip` become what they start, so the process number is the command's own.
        process.executableURL = URL(filePath: Project.script("lab-tools/with-signals"))
        process.arguments = (namespace.map { ["ip", "netns", "exec", $0] } ?? []) + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

    func send(_ signal: Int32) {
        if process.isRunning { kill(process.processIdentifier, signal) }
    }

    /// Sends a signal to the processes that this one has started, such as nginx's workers, and not to itself.
    func sendToChildren(_ signal: Int32) {
        let children = try? String(contentsOfFile: "/proc/\(identifier)/task/\(identifier)/children", encoding: .utf8)
        for child in (children ?? "").split(separator: " ") { Int32(child).map { _ = kill($0, signal) } }
    }

    /// The exit status, or 128 and the signal's number; waits for it.
    @discardableResult
    func exitStatus(within limit: Duration = .seconds(30)) async throws -> Int32 {
        try await eventually("'\(command)' ends; it printed:\n\(output.suffix(2000))", within: limit) {
            !process.isRunning
        }
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }

    /// Waits until the process has printed `text`; throws at once when it ends without it.
    func prints(_ text: String, within limit: Duration = .seconds(30)) async throws {
        try await eventually("'\(command)' prints '\(text)'; it printed:\n\(output.suffix(2000))", within: limit) {
            if output.contains(text) { return true }
            guard process.isRunning else {
                throw NeverHappened(
                    description: "'\(command)' ended without printing '\(text)':\n\(output.suffix(2000))")
            }
            return false
        }
    }

    /// Asks the process to end with `signal`, and waits until it has.
    @discardableResult
    func stop(_ signal: Int32 = SIGTERM, within limit: Duration = .seconds(30)) async throws -> Int32 {
        send(signal)
        return try await exitStatus(within: limit)
    }

    /// The scheduling policy of each of its threads, with the thread's name.
    var threadPolicies: [(name: String, policy: Int32)] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(identifier)/task").compactMap(Int32.init)
                .compactMap {
                    // One that has just ended has no name any more.
                    let name = try? String(contentsOfFile: "/proc/\(identifier)/task/\($0)/comm", encoding: .utf8)
                    return if let name { (name, sched_getscheduler($0)) } else { nil }
                }
        }
    }

    /// Bytes of memory of its own that it holds at present; the ring that it shares with the kernel is not among them.
    var residentBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    /// What it has used of the processors so far, all its threads together.
    var processorTime: Duration {
        let line = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
        let fields = line[(line.lastIndex(of: ")") ?? line.startIndex)...].split(separator: " ")
        // utime and stime, in the hundredths of a second that Linux counts in.
        return .milliseconds(fields.dropFirst(12).prefix(2).reduce(0) { $0 + (Int64($1) ?? 0) } * 10)
    }

    /// How many file descriptors it holds.
    var openDescriptors: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(identifier)/fd").count) ?? 0
    }
}
