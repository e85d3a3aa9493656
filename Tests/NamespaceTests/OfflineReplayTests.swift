import Foundation
import Glibc
import Testing

extension Namespaces {
    /// What tcpdump recorded on the online host is replayed from its file.
    @Suite struct OfflineReplay {
        @Test func `every recorded request reaches the target, at any speed, in every round`() async throws {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let tcpdump = try await Tcpdump("tcp port 80", in: lab)
                let address = try await lab.address(of: "online")
                let keptAlive = WebLoad(url: "http://\(address)/", rate: 400, seconds: 2)
                let short = WebLoad(url: "http://\(address)/", rate: 100, seconds: 2, short: true, tag: "short")
                for load in [keptAlive, short] { try await load.run(in: lab) }
                let count = keptAlive.count + short.count
                #expect(online.requestCount == count)
                try await tcpdump.end()

                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080)
                let intercepts = try await Replay.startIntercepts(on: ["assistant"], in: lab)
                let transfer = "80-\(try await lab.address(of: "target")):8080"
                var played = 0
                for (options, rounds) in [
                    (["-a", "1"], 1), (["-a", "10"], 1), (["-a", "max"], 1), (["-T", "3"], 3),
                ] {
                    let ledgerPath = "\(lab.folder)/ledger-\(played).json"
                    let command =
                        [Project.program("tcpcopy"), "-x", transfer, "-s", try await lab.address(of: "assistant")]
                        + ["--offline", tcpdump.file, "--ledger", ledgerPath] + Replay.Injection.packet.options
                        + options
                    try await lab.run(on: "online", command, within: .seconds(120))
                    played += rounds
                    try await target.receives(count * played)
                    try LedgerFile(path: ledgerPath).expectAllAnswered(count * rounds)
                    #expect(target.requestCount == count * played, "after \(options)")
                }
                expectSame((0..<played).flatMap { _ in online.lines }, target.lines)
                for intercept in intercepts { try await intercept.stop(SIGINT) }
            }
        }

        @Test
        func
            `of a recording with holes every request that is whole in it reaches the target, and the others are named`()
            async throws
        {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                // One in thirty of the requests, each a packet of its own, is not recorded.
                let isLost = "(tcp dst port 80 and tcp[13] & 8 != 0 and ip[4:2] % 30 = 7)"
                let tcpdump = try await Tcpdump("tcp port 80 and not \(isLost)", in: lab)
                let url = "http://\(try await lab.address(of: "online"))/"
                for load in [
                    WebLoad(url: url, rate: 800, seconds: 2),
                    WebLoad(url: url, rate: 200, seconds: 2, short: true, tag: "short"),
                ] { try await load.run(in: lab) }
                try await tcpdump.end()
                let requests = try await lab.run(
                    on: "online", ["tcpdump", "-n", "-A", "-r", tcpdump.file, "tcp dst port 80 and tcp[13] & 8 != 0"])
                let recorded = Set(requests.matches(of: /GET (\S+) HTTP/).map { String($0.1) })
                let lost = online.lines.filter { !recorded.contains($0.uri) }
                #expect(!lost.isEmpty && recorded.count + lost.count == online.requestCount)

                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080)
                let intercepts = try await Replay.startIntercepts(on: ["assistant"], in: lab)
                let ledgerPath = "\(lab.folder)/ledger.json"
                let tcpcopy = try lab.start(
                    on: "online",
                    [
                        Project.program("tcpcopy"), "-x", "80-\(try await lab.address(of: "target")):8080", "-s",
                        try await lab.address(of: "assistant"), "--offline", tcpdump.file, "--ledger", ledgerPath,
                    ] + Replay.Injection.packet.options, label: "tcpcopy")
                #expect(try await tcpcopy.exitStatus(within: .seconds(60)) == 1)
                for intercept in intercepts { try await intercept.stop(SIGINT) }
                let ledger = try LedgerFile(path: ledgerPath)
                expectSame(online.lines.filter { recorded.contains($0.uri) }, target.lines)
                #expect(ledger.exchanges.captured == online.requestCount && ledger.balances)
                #expect(ledger.exchanges.answered == recorded.count)
                #expect(ledger.exchanges.failed == ["captureHole": lost.count])
            }
        }
    }
}

extension Substring {
    /// What a line of the log says was asked for.
    fileprivate var uri: String { split(separator: " ").dropFirst().first.map(String.init) ?? "" }
}
