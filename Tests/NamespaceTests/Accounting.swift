import Testing

/// Servers on online and target, and the replay between them, for scenarios in which not all need arrive.
struct AccountedReplay {
    let online: WebServer
    let target: WebServer
    let replay: Replay

    /// - Parameters:
    ///   - program: the server on the target; on online it is nginx, or the same with `onlineProgram`.
    ///   - onlineOptions: of the server on online.
    ///   - options: of the server on the target.
    init(
        in lab: Lab, onlineProgram: String = "web-server", onlineOptions: [String] = [], program: String = "web-server",
        options: [String] = [],
        injection: Replay.Injection = .packet, listeningOn interface: String = "eth0", replayOptions: [String] = []
    ) async throws {
        online = try await WebServer(on: "online", port: 80, in: lab, program: onlineProgram, options: onlineOptions)
        target = try await WebServer(on: "target", port: 8080, in: lab, program: program, options: options)
        try await lab.divert(port: 8080)
        replay = try await Replay(
            "80-\(try await lab.address(of: "target")):8080", in: lab, injection: injection, listeningOn: interface,
            options: replayOptions)
    }

    /// Ends the replay once the target's log has come to rest, and expects that the ledger tells the difference between
    /// the two logs to the last exchange, and that nothing came twice.
    ///
    /// - Parameter quiet: longer than any pause in which the target logs nothing although work is waiting.
    @discardableResult
    func finish(quiet: Duration = .seconds(2)) async throws -> LedgerFile {
        try await settled("the target's log", for: quiet, within: .seconds(120)) { target.requestCount }
        let ledger = try await replay.finish(expecting: 0...1)
        // A request whose rest never came stands in nginx's log as a bad one.
        ledger.expectDifference(of: online.lines, and: target.lines.filter { !$0.hasSuffix(" 400") })
        return ledger
    }

    /// The same where all must have arrived.
    @discardableResult
    func finishWhole() async throws -> LedgerFile {
        do {
            try await target.receives(online.requestCount, within: .seconds(90))
        } catch {
            Issue.record(error)
        }
        let ledger = try await replay.finish(expecting: 0...1)
        expectSame(online.lines, target.lines)
        ledger.expectAllAnswered(online.requestCount)
        return ledger
    }
}

extension LedgerFile {
    /// Expects that what the ledger calls failed or shed is what stands in online's log and not in the target's.
    func expectDifference(of online: [Substring], and target: [Substring]) {
        var missing: [Substring: Int] = [:]
        for line in online { missing[line, default: 0] += 1 }
        for line in target { missing[line, default: 0] -= 1 }
        let strangers = missing.filter { $0.value < 0 }
        #expect(strangers.isEmpty, "\(strangers.count) came twice or from nowhere: \(strangers.keys.prefix(3))")
        #expect(balances && exchanges.balances && sessions.balances)
        #expect(capture.kernelDrops == 0)
        #expect(exchanges.captured == online.count)
        #expect(exchanges.answered == target.count, "\(exchanges.failed) \(exchanges.shed)")
        #expect(exchanges.lost == online.count - target.count, "\(exchanges.failed) \(exchanges.shed)")
        #expect(exchanges.inFlight == 0)
    }
}
