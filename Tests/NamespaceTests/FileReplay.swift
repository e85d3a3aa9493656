import Glibc

/// Files that are replayed to the target, again and again.
struct FileReplay {
    private let files: [String]
    private let lab: Lab
    private let intercepts: [HostProcess]
    private let assistant: String
    private let target: String

    /// Starts intercept.
    init(_ files: [String], in lab: Lab) async throws {
        self.files = files
        self.lab = lab
        intercepts = try await Replay.startIntercepts(on: ["assistant"], in: lab)
        assistant = try await lab.address(of: "assistant")
        target = try await lab.address(of: "target")
    }

    /// Plays the files to their end; throws unless tcpcopy says that all was answered.
    ///
    /// - Parameters:
    ///   - ports: of the online services.
    ///   - targetPorts: of the target's, in the same order.
    func play(_ ports: String..., to targetPorts: String..., at options: [String]) async throws -> LedgerFile {
        let transfers = zip(ports, targetPorts).map { "\($0)-\(target):\($1)" }.joined(separator: ",")
        let ledger = "\(lab.folder)/ledger-offline.json"
        try await lab.run(
            on: "online",
            [
                Project.program("tcpcopy"), "-x", transfers, "-s", assistant, "--offline",
                files.joined(separator: ","), "--ledger", ledger,
            ] + Replay.Injection.packet.options + options, within: .seconds(120))
        return try LedgerFile(path: ledger)
    }

    func stop() async throws {
        for intercept in intercepts { try await intercept.stop(SIGINT) }
    }
}
