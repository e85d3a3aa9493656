import Foundation
import Glibc
import Testing

extension Namespaces {
    /// UDP between real kernels, and a real DNS server.
    @Suite struct Datagrams {
        @Test(arguments: [4, 6])
        func `every query of a resolver's clients reaches the target's, and is answered`(family: Int) async throws {
            try await Lab.with { lab in
                let (online, target) = (
                    try await NameServer(on: "online", in: lab), try await NameServer(on: "target", in: lab)
                )
                try await lab.divert(port: 53, udp: true, family: family)
                let replay = try await replay("udp/53", to: 53, in: lab, family: family)
                let server = try await lab.address(of: "online", family: family)
                try await NameServer.ask(2000, of: server, tag: "a", in: lab)
                try await target.receives(2000)
                let ledger = try await replay.finish()
                expectSame(online.queries, target.queries)
                #expect(online.queries.count == 2000)
                ledger.expectAllAnswered(2000)
                #expect(ledger.relay.headers == 2000)
            }
        }

        @Test(arguments: [4, 6])
        func `answers that come in fragments are counted once`(family: Int) async throws {
            try await Lab.with { lab in
                let (online, target) = (
                    try await NameServer(on: "online", in: lab), try await NameServer(on: "target", in: lab)
                )
                try await lab.divert(port: 53, udp: true, family: family)
                let replay = try await replay("udp/53", to: 53, in: lab, family: family)
                let server = try await lab.address(of: "online", family: family)
                for _ in 0..<20 {
                    let answer = try await lab.run(
                        on: "client",
                        ["dig", "@\(server)", "+bufsize=4096", "+ignore", "+tries=1", "TXT", "large.test"])
                    let size = answer.firstMatch(of: /MSG SIZE +rcvd: (\d+)/).flatMap { Int($0.1) }
                    #expect((size ?? 0) > 3000)
                }
                try await target.receives(20)
                let ledger = try await replay.finish()
                expectSame(online.queries, target.queries)
                ledger.expectAllAnswered(20)
                #expect(ledger.relay.headers == 20)
            }
        }

        @Test func `UDP and TCP are copied in one run, to one port`() async throws {
            try await Lab.with { lab in
                let (online, target) = (
                    try await NameServer(on: "online", in: lab), try await NameServer(on: "target", in: lab)
                )
                for udp in [false, true] { try await lab.divert(port: 53, udp: udp) }
                let address = try await lab.address(of: "target")
                let replay = try await Replay(
                    "udp/53-\(address):53,tcp/53-\(address):53", in: lab, options: ["--shards", "2"])
                let server = try await lab.address(of: "online")
                async let datagrams: Void = NameServer.ask(500, of: server, tag: "u", in: lab)
                async let connections: Void = NameServer.ask(100, of: server, tag: "t", options: ["+tcp"], in: lab)
                _ = try await (datagrams, connections)
                try await target.receives(600)
                let ledger = try await replay.finish()
                expectSame(online.queries, target.queries)
                ledger.expectAllAnswered(600)
            }
        }

        @Test(arguments: [
            (family: 4, injection: Replay.Injection.packet, shards: 1), (family: 6, injection: .packet, shards: 2),
            (family: 4, injection: .raw, shards: 2), (family: 6, injection: .raw, shards: 1),
        ])
        func `datagrams of all sizes arrive byte for byte, in fragments and whole`(
            family: Int, injection: Replay.Injection, shards: Int
        ) async throws {
            try await Lab.with { lab in
                let (online, target) = try await servers(in: lab, family: family)
                let replay = try await replay(
                    "udp/9000", to: 9001, in: lab, injection: injection, family: family,
                    options: ["--shards", "\(shards)"])
                let largest = family == 4 ? 65_507 : 65_487
                try await talk(
                    1000, "0,1,1400-1500,8192,2900-3000,\(largest),20-200", in: lab, family: family, sockets: 40)
                try await target.receives(1000)
                let ledger = try await replay.finish()
                expectSame(online.lines, target.lines)
                ledger.expectAllAnswered(1000)
            }
        }

        @Test func `copies come from a pool, each flow from one address and port of its own`() async throws {
            try await Lab.with { lab in
                let (online, target) = try await servers(in: lab)
                let replay = try await replay("udp/9000", to: 9001, in: lab, options: ["-n", "3", "-c", "10.99.0.x"])
                try await talk(1000, "0-4000", in: lab, sockets: 50)
                try await target.receives(3000)
                let ledger = try await replay.finish()
                #expect(ledger.balances && ledger.exchanges.replayed == 3000 && ledger.exchanges.answered == 3000)
                #expect(ledger.sessions.captured == 50 && ledger.sessions.answered == 150)
                let payloads = { (lines: [Substring]) in lines.map { $0.drop { $0 != " " } } }
                expectSame(payloads(online.lines + online.lines + online.lines), payloads(target.lines))
                let peers = Set(target.lines.map { $0.prefix { $0 != " " } })
                #expect(peers.count == 150 && peers.allSatisfy { $0.hasPrefix("10.99.0.") })
            }
        }

        @Test func `the ledger tells answered from silent`() async throws {
            try await Lab.with { lab in
                let (_, target) = try await servers(in: lab, targetOptions: ["--skip", "10"])
                let replay = try await replay("udp/9000", to: 9001, in: lab)
                try await talk(1000, "100", in: lab)
                try await target.receives(1000)
                try await eventually("the silent ones are given up", within: .seconds(30)) {
                    replay.tcpcopy.send(SIGUSR1)
                    return replay.tcpcopy.output.contains(/silent +100\b/)
                }
                let ledger = try await replay.finish(expecting: 1)
                #expect(ledger.balances && ledger.exchanges.balances)
                #expect(ledger.exchanges.answered == 900 && ledger.exchanges.silent == 100)
            }
        }

        @Test func `without a route on the target a client is sent a stray answer or two, not a storm`() async throws {
            try await Lab.with { lab in
                let (online, target) = try await servers(in: lab, isDiverted: false)
                let replay = try await replay("udp/9000", to: 9001, in: lab)
                try await talk(2000, "100", in: lab)
                #expect(online.lines.count == 2000)
                try await replay.tcpcopy.prints("If nobody answers there by intention")
                let ledger = try await replay.finish(expecting: 1)
                #expect((1...5).contains(target.lines.count))
                #expect(ledger.balances && ledger.exchanges.captured == 2000 && ledger.exchanges.answered == 0)
                let unsent = ledger.exchanges.failed["targetSilent"] ?? 0
                #expect(ledger.exchanges.silent + (ledger.exchanges.failed["stopped"] ?? 0) + unsent == 2000)
                try await eventually("the target has logged what was sent") { target.lines.count == 2000 - unsent }
            }
        }

        @Test func `on a one-way transfer everything is sent and no answer is missed`() async throws {
            try await Lab.with { lab in
                let (online, target) = try await servers(in: lab, targetOptions: ["--silent"])
                let replay = try await replay("udp-oneway/9000", to: 9001, in: lab)
                try await talk(1000, "20-2000", in: lab)
                try await target.receives(1000)
                let ledger = try await replay.finish()
                expectSame(online.lines, target.lines)
                #expect(ledger.balances && ledger.exchanges.silent == 1000 && ledger.exchanges.lost == 0)
            }
        }

        @Test func `recorded queries are replayed from their file`() async throws {
            try await Lab.with { lab in
                let (online, target) = (
                    try await NameServer(on: "online", in: lab), try await NameServer(on: "target", in: lab)
                )
                let tcpdump = try await Tcpdump("udp port 53", in: lab)
                try await NameServer.ask(500, of: try await lab.address(of: "online"), tag: "r", in: lab)
                try await tcpdump.end()
                try await lab.divert(port: 53, udp: true)
                let intercepts = try await Replay.startIntercepts(on: ["assistant"], in: lab)
                let rule = "53-\(try await lab.address(of: "target")):53"
                var played = 0
                for options in [["-a", "1"], ["-a", "max"], ["-T", "2"]] {
                    let ledgerPath = "\(lab.folder)/ledger-\(played).json"
                    let command =
                        [Project.program("tcpcopy"), "--udp", "-x", rule, "-s", try await lab.address(of: "assistant")]
                        + ["--offline", tcpdump.file, "--ledger", ledgerPath] + Replay.Injection.packet.options
                        + options
                    try await lab.run(on: "online", command, within: .seconds(120))
                    let rounds = options.contains("-T") ? 2 : 1
                    played += rounds
                    try await target.receives(500 * played)
                    try LedgerFile(path: ledgerPath).expectAllAnswered(500 * rounds)
                }
                expectSame((0..<played).flatMap { _ in online.queries }, target.queries)
                for intercept in intercepts { try await intercept.stop(SIGINT) }
            }
        }

        private func servers(
            in lab: Lab, family: Int = 4, isDiverted: Bool = true, targetOptions: [String] = []
        ) async throws -> (online: DatagramServer, target: DatagramServer) {
            let online = try await DatagramServer(on: "online", port: 9000, in: lab)
            let target = try await DatagramServer(on: "target", port: 9001, in: lab, options: targetOptions)
            if isDiverted { try await lab.divert(port: 9001, udp: true, family: family) }
            return (online, target)
        }

        private func replay(
            _ online: String, to port: Int, in lab: Lab, injection: Replay.Injection = .packet, family: Int = 4,
            options: [String] = []
        ) async throws -> Replay {
            let address = try await lab.address(of: "target", family: family)
            let target = family == 6 ? "[\(address)]" : address
            return try await Replay(
                "\(online)-\(target):\(port)", in: lab, injection: injection, family: family, options: options)
        }

        /// Sends datagrams to online's server, all of which it must answer.
        private func talk(
            _ count: Int, _ sizes: String, in lab: Lab, family: Int = 4, sockets: Int = 10
        ) async throws {
            let output = try await lab.run(
                on: "client",
                [
                    Project.script("lab-tools/datagram-client"), try await lab.address(of: "online", family: family),
                    "9000", "--count", "\(count)", "--sizes", sizes, "--sockets", "\(sockets)",
                ])
            #expect(output == "sent \(count) answered \(count)\n")
        }
    }
}
