import Testing

extension Namespaces {
    /// Replay from other addresses than the clients', more than once, or of a part of the clients.
    @Suite struct Copies {
        @Test(arguments: [(connections: 500, copies: 5), (connections: 20, copies: 100)])
        func `copies of random streams onto one address stand at the target byte for byte`(
            connections: Int, copies: Int
        ) async throws {
            try await Lab.with { lab in
                let (online, target) = try await streamServers(in: lab)
                let replay = try await replay(in: lab, ["-c", "10.99.0.1", "-n", "\(copies)", "-B", "512"])
                try await talk(
                    ["--connections", "\(connections)", "--seed", "31", "--concurrency", "20"], in: lab)
                let whole = try online.records.count { $0.end == "whole" }
                do {
                    try await target.ends(whole * copies)
                } catch {
                    Issue.record(error)
                }
                let ledger = try await replay.finish(expecting: 0...1)
                #expect(ledger.exchanges.lost == 0, "\(ledger.exchanges.failed) \(ledger.exchanges.shed)")
                #expect(ledger.capture.kernelDrops == 0 && ledger.balances && ledger.sessions.balances)
                #expect(ledger.sessions.captured == connections && ledger.sessions.answered == connections * copies)
                let atTarget = try target.records
                #expect(atTarget.count { $0.end == "whole" } == whole * copies)
                #expect(Set(atTarget.map(\.peer)).count == atTarget.count, "no pair of addresses is used twice")
                #expect(atTarget.allSatisfy { $0.peer?.hasPrefix("10.99.0.1:") == true })
                let replayed = Dictionary(grouping: atTarget, by: \.id)
                for stream in try online.records where stream.end == "whole" {
                    let exact = (replayed[stream.id] ?? []).count { $0.sha256 == stream.sha256 && $0.end == "whole" }
                    #expect(exact == copies, "stream \(stream.id ?? -1)")
                }
            }
        }

        @Test(arguments: [
            (family: 4, pool: "10.99.0.0/16,10.98.7.x", prefix: "10.99."),
            (family: 6, pool: "fd99::/64", prefix: "fd99::"),
        ])
        func `clients' addresses are replaced by those of a pool`(
            family: Int, pool: String, prefix: String
        ) async throws {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080, family: family)
                let replay = try await replay(in: lab, ["-c", pool, "-n", "2"], family: family)
                let address = bracketed(try await lab.address(of: "online", family: family))
                let load = WebLoad(url: "http://\(address)/", rate: 500, seconds: 3, short: true)
                try await load.run(in: lab)
                try await target.receives(2 * load.count)
                let ledger = try await replay.finish()
                #expect(ledger.balances && ledger.exchanges.answered == 2 * load.count)
                #expect(online.requestCount == load.count && target.requestCount == 2 * load.count)
                #expect(target.lines.allSatisfy { $0.hasPrefix(prefix) })
                #expect(Set(target.lines.map { $0.prefix { $0 != " " } }).count == 2 * load.count)
            }
        }

        @Test func `a share replays all sessions of its clients, and none of the others`() async throws {
            try await Lab.with(["--clients", "60"]) { lab in
                let (online, target) = try await streamServers(in: lab)
                let replay = try await replay(in: lab, ["-r", "50"])
                let clients = (1...60).map { "10.77.1.\($0)" }
                try await talk(
                    ["--connections", "240", "--largest", "1000", "--from", clients.joined(separator: ",")], in: lab)
                let ledger = try await replay.finish()
                #expect(ledger.balances && ledger.sessions.captured == 240)
                #expect(ledger.sessions.answered == ledger.sessions.selected)
                #expect(try target.records.count == ledger.sessions.selected)
                let chosen = Dictionary(grouping: try target.records) { client(of: $0) }
                let all = Dictionary(grouping: try online.records) { client(of: $0) }
                #expect(all.count == 60 && (15...45).contains(chosen.count), "\(chosen.count) of \(all.count)")
                for (client, streams) in chosen { #expect(streams.count == all[client]?.count) }
            }
        }

        private func client(of stream: StreamRecord) -> Substring? { stream.peer?.prefix { $0 != ":" } }

        private func streamServers(in lab: Lab) async throws -> (online: StreamServer, target: StreamServer) {
            let online = try await StreamServer(on: "online", port: 80, in: lab)
            let target = try await StreamServer(on: "target", port: 8080, in: lab)
            try await lab.divert(port: 8080)
            return (online, target)
        }

        private func replay(in lab: Lab, _ options: [String], family: Int = 4) async throws -> Replay {
            let target = bracketed(try await lab.address(of: "target", family: family))
            return try await Replay("80-\(target):8080", in: lab, family: family, options: options)
        }

        private func bracketed(_ address: String) -> String { address.contains(":") ? "[\(address)]" : address }

        private func talk(_ options: [String], in lab: Lab) async throws {
            try await lab.run(
                on: "client",
                [
                    Project.script("lab-tools/stream-client"), "--to", try await lab.address(of: "online"), "--port",
                    "80", "--log", "\(lab.folder)/streams-client.jsonl",
                ] + options, within: .seconds(120))
        }
    }
}
