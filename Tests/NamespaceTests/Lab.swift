import Foundation
import Glibc

/// Hosts in network namespaces, made by `scripts/lab`, which alone knows how they are joined.
struct Lab: Sendable {
    let name: String
    /// Where the processes' output and the servers' logs go. It outlives the lab, so that a failure can be looked into.
    let folder: String

    /// What labs of this run are called, so that several runs on one machine leave each other alone.
    static let defaultName = ProcessInfo.processInfo.environment["LAB_NAME"] ?? "nstest-\(getpid())"

    /// Makes a lab, lends it to `body` and takes it away again with every process on it, however `body` ends.
    static func with<Result>(
        _ options: [String] = [], named name: String = defaultName, _ body: (Lab) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.path + "/tcpcopy-" + name
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let lab = Lab(name: name, folder: folder)
        try await lab.verb(["up"] + options)
        do {
            let result = try await body(lab)
            try await lab.verb(["down"])
            return result
        } catch {
            try await lab.verb(["down"])
            throw error
        }
    }

    /// Runs a verb of `scripts/lab` on this lab and returns what it prints.
    @discardableResult
    func verb(_ arguments: [String]) async throws -> String {
        let output = "\(folder)/lab-\(UUID().uuidString).out"
        let process = try HostProcess(
            namespace: nil, [Project.script("lab")] + arguments, outputPath: output, environment: ["LAB_NAME": name])
        let status = try await process.exitStatus()
        let printed = process.output.trimmingCharacters(in: .whitespacesAndNewlines)
        try? FileManager.default.removeItem(atPath: output)
        guard status == 0 else {
            throw NeverHappened(description: "scripts/lab \(arguments.joined(separator: " ")): \(printed)")
        }
        return printed
    }

    func address(of host: String, family: Int = 4) async throws -> String {
        try await verb(["address", host, "\(family)"])
    }

    /// Starts a process on a host; what it prints goes to a file named `label` in the lab's folder.
    func start(on host: String, _ arguments: [String], label: String) throws -> HostProcess {
        try HostProcess(namespace: "\(name)-\(host)", arguments, outputPath: "\(folder)/\(label).out")
    }

    /// Runs a command on a host to its end and returns what it printed; throws unless it exits with 0.
    @discardableResult
    func run(on host: String, _ arguments: [String], within limit: Duration = .seconds(60)) async throws -> String {
        let label = "run-\(UUID().uuidString)"
        let process = try start(on: host, arguments, label: label)
        let status = try await process.exitStatus(within: limit)
        let output = process.output
        try? FileManager.default.removeItem(atPath: process.outputPath)
        guard status == 0 else {
            throw NeverHappened(
                description: "'\(process.command)' on \(host) ended with \(status):\n\(output.suffix(2000))")
        }
        return output
    }

    /// Diverts the target's answers from `port` to the assistant, in one family.
    func divert(
        port: Int, udp: Bool = false, on host: String = "target", to assistant: String = "assistant", family: Int = 4
    ) async throws {
        let address = try await address(of: assistant, family: family)
        try await run(
            on: host,
            [Project.script("routing/target-route"), "add", "--assistant", address, "--port", "\(port)"]
                + (udp ? ["--udp"] : []))
    }
}
