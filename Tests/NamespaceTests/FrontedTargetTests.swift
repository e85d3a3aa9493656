import Testing

extension Namespaces {
    @Suite struct FrontedTargets {
        @Test(arguments: [["assistant"], ["assistant", "assistant2"]])
        func `a director spreads the replay over two real servers and nothing is lost`(
            assistants: [String]
        ) async throws {
            try await Lab.with(["--with", "lvs"]) { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let first = try await WebServer(on: "real1", port: 8080, in: lab)
                let second = try await WebServer(on: "real2", port: 8080, in: lab)
                try await lab.divert(port: 8080, on: "real1", to: "assistant")
                try await lab.divert(port: 8080, on: "real2", to: assistants.last ?? "assistant")
                let replay = try await Replay(
                    "80-\(try await lab.address(of: "vip")):8080", in: lab, assistants: assistants)
                let url = try await lab.onlineURL()
                let loads = [
                    WebLoad(url: url, rate: 3000, seconds: 3, connections: 128, tag: "long"),
                    WebLoad(url: url, rate: 2000, seconds: 3, short: true, tag: "short"),
                ]
                for load in loads { try await load.run(in: lab) }
                let count = loads.reduce(0) { $0 + $1.count }
                do {
                    try await eventually("\(count) requests reach the real servers") {
                        first.requestCount + second.requestCount >= count
                    }
                } catch {
                    Issue.record(error)
                }
                try await replay.finish().expectAllAnswered(count)
                #expect(first.requestCount > count / 4 && second.requestCount > count / 4, "the director spreads")
                expectSame(online.lines, first.lines + second.lines)
            }
        }

        @Test func `two online hosts feed one target, with the same clients and ports on both`() async throws {
            try await Lab.with(["--with", "second-online"]) { lab in
                let hosts = ["online", "online2"]
                var servers: [WebServer] = []
                for host in hosts { servers.append(try await WebServer(on: host, port: 80, in: lab)) }
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080)
                let intercepts = try await Replay.startIntercepts(on: ["assistant"], in: lab)
                let transfer = "80-\(try await lab.address(of: "target")):8080"
                var replays: [Replay] = []
                for host in hosts {
                    replays.append(try await Replay(transfer, in: lab, on: host, intercepts: intercepts))
                }
                var clients: [HostProcess] = []
                for host in hosts {
                    clients.append(
                        try lab.start(
                            on: "client",
                            [
                                Project.script("lab-tools/fixed-port-client"), "--to", try await lab.address(of: host),
                                "--port", "80", "--from", try await lab.address(of: "client"),
                                "--ports", "20000-20099", "--requests", "50", "--rate", "1000", "--tag", host,
                            ], label: "client-of-\(host)"))
                }
                for client in clients { #expect(try await client.exitStatus(within: .seconds(60)) == 0) }
                do {
                    try await target.receives(10_000)
                } catch {
                    Issue.record(error)
                }
                for replay in replays {
                    try await settled("the target's answers") { replay.intercepts.map(\.receivedPackets) }
                }
                expectSame(servers.flatMap(\.requests), target.requests)
                // The ledger of the first to finish is read while the second still runs.
                for replay in replays {
                    #expect(try await replay.tcpcopy.stop(2) == 0)
                    try LedgerFile(path: replay.ledgerPath).expectAllAnswered(5000)
                }
            }
        }
    }
}

extension WebServer {
    /// Each request's line without the client's address and port, which a replay may have had to change.
    var requests: [Substring] {
        lines.map { $0[($0.firstIndex(of: " ") ?? $0.startIndex)...] }
    }
}
