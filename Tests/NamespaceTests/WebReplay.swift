import Testing

/// The common course of an HTTP scenario: servers up, answers diverted, a load from the client, logs compared.
struct WebReplay {
    var injection = Replay.Injection.packet
    var family = 4
    var onlinePort = 80
    var targetPort = 8080
    var captureInterface = "eth0"
    /// More of tcpcopy's options.
    var options: [String] = []
    /// What runs on the assistant; nil for intercept with its usual options.
    var intercept: [String]?

    /// Runs `loads` one after the other while they are replayed, and `during` beside the first of them.
    ///
    /// Expects that every request reached the target's log, from the same client address and port, once; and that the
    /// ledger says the same.
    func run(
        _ loads: [WebLoad], in lab: Lab, during: ((Replay) async throws -> Void)? = nil
    ) async throws -> LedgerFile {
        let online = try await WebServer(on: "online", port: onlinePort, in: lab)
        let target = try await WebServer(on: "target", port: targetPort, in: lab)
        try await lab.divert(port: targetPort, family: family)
        let address = try await lab.address(of: "target", family: family)
        let endpoint = family == 6 ? "[\(address)]:\(targetPort)" : "\(address):\(targetPort)"
        var intercepts: [HostProcess]?
        if let intercept {
            intercepts = try await Replay.startIntercepts(on: ["assistant"], in: lab, command: intercept)
        }
        let replay = try await Replay(
            "\(onlinePort)-\(endpoint)", in: lab, injection: injection, listeningOn: captureInterface, family: family,
            intercepts: intercepts, options: options)
        let descriptors = replay.openDescriptors
        for (index, load) in loads.enumerated() {
            if index == 0, let during {
                async let running: Void = load.run(in: lab)
                try await during(replay)
                try await running
            } else {
                try await load.run(in: lab)
            }
        }
        let count = loads.reduce(0) { $0 + $1.count }
        #expect(replay.openDescriptors == descriptors, "descriptors leak with sessions")
        #expect(online.requestCount == count)
        do {
            try await target.receives(count)
        } catch {
            Issue.record(error)
        }
        let ledger = try await replay.finish()
        expectSame(online.lines, target.lines)
        ledger.expectAllAnswered(count)
        return ledger
    }
}

/// Expects that two logs hold the same lines, in whatever order; a failure names a few that only one of them has.
func expectSame(_ online: [Substring], _ target: [Substring]) {
    var surplus: [Substring: Int] = [:]
    for line in online { surplus[line, default: 0] += 1 }
    for line in target { surplus[line, default: 0] -= 1 }
    let missing = surplus.filter { $0.value > 0 }
    let unexpected = surplus.filter { $0.value < 0 }
    #expect(missing.isEmpty, "\(missing.count) of \(online.count) are missing, such as \(missing.keys.prefix(3))")
    #expect(unexpected.isEmpty, "\(unexpected.count) came twice or from nowhere, such as \(unexpected.keys.prefix(3))")
}

extension LedgerFile {
    /// Expects a ledger that balances and tells of `count` exchanges, each of them answered.
    func expectAllAnswered(_ count: Int) {
        #expect(balances && exchanges.balances && sessions.balances)
        #expect(exchanges.captured == count)
        #expect(exchanges.answered == count)
        #expect(exchanges.failed.isEmpty && exchanges.shed.isEmpty && exchanges.inFlight == 0)
        #expect(capture.kernelDrops == 0)
    }
}
