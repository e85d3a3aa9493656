import Foundation
import Testing

extension Namespaces {
    /// The work by which TCPCopy 1.x was measured, and in most of which it loses something. Copies are a suite of their own.
    @Suite struct PeerTable {
        @Test func `fifteen thousand keep-alive requests a second all arrive`() async throws {
            try await expectAllArrive(count: 60_000, rate: 15_000, connections: 64)
        }

        @Test func `twenty connections as fast as they are answered all arrive, late where they must`() async throws {
            try await expectAllArrive(count: 100_000)
        }

        @Test func `one connection a request as fast as they are answered all arrive`() async throws {
            try await expectAllArrive(count: 20_000, connections: 64, short: true)
        }

        @Test func `a target slower by twenty milliseconds gets every request of a closed loop`() async throws {
            try await Lab.with { lab in
                let hosts = try await AccountedReplay(in: lab, program: "talk-server", options: ["--delay", "0.02"])
                try await WebBurst(url: try await lab.onlineURL(), count: 4000).run(until: hosts.online, in: lab)
                try await hosts.finishWhole()
            }
        }

        @Test(arguments: [5, 10])
        func `frames lost on the way there and back cost no request`(percent: Int) async throws {
            try await Lab.with { lab in
                try await lab.verb(["loss", "\(percent)", "--from", "online", "--to", "target"])
                try await lab.verb(["loss", "\(percent)", "--from", "target", "--to", "assistant"])
                let hosts = try await AccountedReplay(in: lab)
                try await WebBurst(url: try await lab.onlineURL(), count: 2000, rate: 500)
                    .run(until: hosts.online, in: lab)
                let ledger = try await hosts.finishWhole()
                #expect(ledger.retransmissions > 0)
            }
        }

        @Test func `uploads of a megabyte are byte-exact`() async throws {
            try await Lab.with { lab in
                let streams = try await StreamReplay(in: lab)
                let whole = try await streams.talk(["--connections", "20", "--request", "1000000"])
                #expect(whole == 20)
                try await streams.finishWhole(whole).expectAllAnswered(20)
            }
        }

        @Test(arguments: [1, 5, 10])
        func `random streams are byte-exact although frames are lost`(percent: Int) async throws {
            try await Lab.with { lab in
                let streams = try await StreamReplay(in: lab)
                try await lab.verb(["loss", "\(percent)", "--from", "online", "--to", "target"])
                try await lab.verb(["loss", "\(percent)", "--from", "target", "--to", "assistant"])
                let whole = try await streams.talk(
                    ["--connections", "150", "--seed", "\(percent)", "--largest", "100000"])
                let ledger = try await streams.finishWhole(whole)
                #expect(ledger.balances && ledger.exchanges.balances && ledger.retransmissions > 0)
            }
        }

        @Test func `connections that were open before tcpcopy are joined at their next exchange`() async throws {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080)
                let client = try lab.start(
                    on: "client",
                    [
                        Project.script("lab-tools/fixed-port-client"), "--to", try await lab.address(of: "online"),
                        "--port", "80", "--from", try await lab.address(of: "client"), "--ports", "20000-20019",
                        "--requests", "300", "--rate", "1000",
                    ], label: "busy-connections")
                try await online.receives(1000)
                let replay = try await Replay("80-\(try await lab.address(of: "target")):8080", in: lab)
                // Those that were under way when both programs captured may have begun before.
                let before = online.requestCount + 20
                #expect(try await client.exitStatus() == 0)
                let begunAfter = online.lines.dropFirst(before)
                #expect(begunAfter.count > 1000)
                try await settled("the target's log", for: .seconds(1)) { target.requestCount }
                let ledger = try await replay.finish(expecting: 0...1)
                let missing = Set(begunAfter).subtracting(target.lines)
                #expect(missing.isEmpty, "\(missing.count) are missing, such as \(missing.prefix(3))")
                #expect(Set(target.lines).isSubset(of: online.lines) && Set(target.lines).count == target.lines.count)
                #expect(ledger.balances && ledger.exchanges.balances && ledger.sessions.balances)
                #expect(ledger.exchanges.answered == target.requestCount)
                #expect(ledger.exchanges.lost == ledger.exchanges.failed["joinedMidway"] ?? 0)
            }
        }

        private func expectAllArrive(
            count: Int, rate: Int = 1_000_000_000, connections: Int = 20, short: Bool = false
        ) async throws {
            try await Lab.with { lab in
                let hosts = try await AccountedReplay(in: lab)
                let burst = WebBurst(
                    url: try await lab.onlineURL(), count: count, rate: rate, connections: connections, short: short)
                try await burst.run(until: hosts.online, in: lab)
                try await hosts.finishWhole()
            }
        }
    }
}
