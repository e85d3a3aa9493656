import Testing

extension Namespaces {
    @Suite struct Streams {
        @Test(arguments: ["on", "off"])
        func `five hundred random streams stand at the target byte for byte`(offload: String) async throws {
            try await Lab.with(["--offload", offload]) { lab in
                let (online, target, replay) = try await serversAndReplay(in: lab)
                try await talk(
                    ["--connections", "500", "--seed", "20", "--concurrency", "20"], in: lab, online, target)
                #expect(try online.records.count == 500)
                let ledger = try await replay.finish()
                #expect(ledger.balances && ledger.exchanges.balances)
                #expect(ledger.sessions.captured == 500)
            }
        }

        @Test(arguments: ["on", "off"])
        func `an upload of a hundred megabytes is byte-exact`(offload: String) async throws {
            try await Lab.with(["--offload", offload]) { lab in
                let (online, target, replay) = try await serversAndReplay(in: lab)
                try await talk(["--request", "100000000"], in: lab, online, target)
                try await replay.finish().expectAllAnswered(1)
            }
        }

        @Test func `an answer of a hundred megabytes costs no more relay bytes a header than a small one`() async throws
        {
            var bytesAHeader: [Int: Double] = [:]
            for answer in [1000, 100_000_000] {
                try await Lab.with { lab in
                    let (online, target, replay) = try await serversAndReplay(in: lab)
                    let connections = answer == 1000 ? "200" : "2"
                    try await talk(
                        ["--answer", "\(answer)", "--connections", connections], in: lab, online, target)
                    let ledger = try await replay.finish()
                    ledger.expectAllAnswered(Int(connections) ?? 0)
                    bytesAHeader[answer] = Double(ledger.relay.bytes) / Double(ledger.relay.headers)
                }
            }
            let small = try #require(bytesAHeader[1000])
            let large = try #require(bytesAHeader[100_000_000])
            #expect(large <= small * 1.1, "\(large) bytes a header against \(small)")
            #expect(large < 200)
        }

        private func serversAndReplay(in lab: Lab) async throws -> (StreamServer, StreamServer, Replay) {
            let online = try await StreamServer(on: "online", port: 80, in: lab)
            let target = try await StreamServer(on: "target", port: 8080, in: lab)
            try await lab.divert(port: 8080)
            let replay = try await Replay("80-\(try await lab.address(of: "target")):8080", in: lab)
            return (online, target, replay)
        }

        /// Runs stream-client to its end, waits until all its whole streams have ended at both servers, and compares.
        private func talk(
            _ options: [String], in lab: Lab, _ online: StreamServer, _ target: StreamServer
        ) async throws {
            let log = "\(lab.folder)/streams-client.jsonl"
            try await lab.run(
                on: "client",
                [
                    Project.script("lab-tools/stream-client"), "--to", try await lab.address(of: "online"),
                    "--port", "80", "--log", log,
                ] + options, within: .seconds(180))
            let whole = try StreamRecord.read(log).count { $0.whole == true }
            #expect(whole > 0)
            try await online.ends(whole)
            do {
                try await target.ends(whole)
            } catch {
                Issue.record(error)
            }
            expectSameStreams(try online.records, try target.records)
        }
    }
}
