import Foundation
import Glibc
import Testing

extension Namespaces {
    /// What tcpdump recorded on the online host is replayed from its file.
    @Suite struct OfflineReplay {
        @Test func `every recorded request reaches the target, at any speed, in every round`() async throws {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let file = "\(lab.folder)/recorded.pcap"
                let tcpdump = try lab.start(
                    on: "online", ["tcpdump", "-i", "eth0", "-U", "-Z", "root", "-w", file, "tcp", "port", "80"],
                    label: "tcpdump")
                try await eventually("tcpdump captures") { tcpdump.packetSockets > 0 }
                let address = try await lab.address(of: "online")
                let keptAlive = WebLoad(url: "http://\(address)/", rate: 400, seconds: 2)
                let short = WebLoad(url: "http://\(address)/", rate: 100, seconds: 2, short: true, tag: "short")
                for load in [keptAlive, short] { try await load.run(in: lab) }
                let count = keptAlive.count + short.count
                #expect(online.requestCount == count)
                try await tcpdump.stop(SIGINT)

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
                        + ["--offline", file, "--ledger", ledgerPath] + Replay.Injection.packet.options + options
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
    }
}
