import Testing

/// Stream servers on online and target, and the replay between them.
struct StreamReplay {
    let lab: Lab
    let online: StreamServer
    let target: StreamServer
    let replay: Replay

    init(in lab: Lab, options: [String] = []) async throws {
        self.lab = lab
        online = try await StreamServer(on: "online", port: 80, in: lab)
        target = try await StreamServer(on: "target", port: 8080, in: lab)
        try await lab.divert(port: 8080)
        replay = try await Replay("80-\(try await lab.address(of: "target")):8080", in: lab, options: options)
    }

    /// Runs stream-client to its end; how many of its streams were sent and answered whole.
    func talk(_ options: [String]) async throws -> Int {
        let log = "\(lab.folder)/streams-client.jsonl"
        try await lab.run(
            on: "client",
            [
                Project.script("lab-tools/stream-client"), "--to", try await lab.address(of: "online"), "--port", "80",
                "--log", log,
            ] + options, within: .seconds(180))
        let whole = try StreamRecord.read(log).count { $0.whole == true }
        try await online.ends(whole)
        return whole
    }

    /// Waits until as many streams have ended whole at the target too, compares all, and ends the replay.
    func finishWhole(_ count: Int) async throws -> LedgerFile {
        do {
            try await target.ends(count, within: .seconds(60))
        } catch {
            Issue.record(error)
        }
        let ledger = try await replay.finish(expecting: 0...1)
        expectSameStreams(try online.records, try target.records)
        return ledger
    }
}
