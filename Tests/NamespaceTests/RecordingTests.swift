import Foundation
import Glibc
import Testing

extension Namespaces {
    /// What tcpcopy recorded with `--record` is replayed from its files.
    @Suite struct Recordings {
        @Test func `what is recorded beside a replay replays, byte-exact, in every container`() async throws {
            try await Lab.with { lab in
                let file = "\(lab.folder)/recorded.pcapng"
                let streams = try await StreamReplay(in: lab, options: ["--record", file, "--shards", "2"])
                let count = try await streams.talk(["--connections", "60", "--concurrency", "20", "--seed", "7"])
                let live = try await streams.finishWhole(count)
                #expect(live.recording?.dropped == 0 && live.recording?.files == 1)
                #expect(live.recording?.frames == live.capture.frames)

                let command = [Project.program("tcpcopy"), "-x", "80-10.9.9.9:8080", "--dry-run", "-a", "max"]
                let containers = [
                    file, "\(file).pcap", "\(file).gz",
                ]
                try await lab.run(on: "online", ["editcap", "-F", "nsecpcap", file, containers[1]])
                try await lab.run(on: "online", ["sh", "-c", "gzip -k \(file)"])
                var ledgers: [LedgerFile] = []
                for (index, container) in containers.enumerated() {
                    let ledger = "\(lab.folder)/container-\(index).json"
                    try await lab.run(on: "online", command + ["--offline", container, "--ledger", ledger])
                    ledgers.append(try LedgerFile(path: ledger))
                }
                let ledger = "\(lab.folder)/container-stdin.json"
                let words = (command + ["--offline", "-", "--ledger", ledger]).joined(separator: " ")
                try await lab.run(on: "online", ["sh", "-c", "\(words) <\(file)"])
                ledgers.append(try LedgerFile(path: ledger))
                for ledger in ledgers {
                    #expect(ledger.exchanges == ledgers[0].exchanges && ledger.sessions == ledgers[0].sessions)
                    #expect(ledger.exchanges.captured == live.exchanges.captured)
                    #expect(ledger.exchanges.answered == live.exchanges.captured)
                }

                // The servers are the same, so what they noted live comes first.
                let before = try streams.target.records.count
                let intercepts = try await Replay.startIntercepts(on: ["assistant"], in: lab)
                try await lab.run(
                    on: "online",
                    [
                        Project.program("tcpcopy"), "-x", "80-\(try await lab.address(of: "target")):8080", "-s",
                        try await lab.address(of: "assistant"), "--offline", file,
                    ] + Replay.Injection.packet.options, within: .seconds(120))
                try await streams.target.ends(count * 2)
                let played = Array(try streams.target.records.dropFirst(before))
                expectSameStreams(try streams.online.records, played)
                for intercept in intercepts { try await intercept.stop(SIGINT) }
            }
        }

        @Test func `nginx, redis and memcached are recorded without a target, in files that replay together`()
            async throws
        {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                for (host, shift) in [("online", 0), ("target", 1)] {
                    let redis = try lab.start(
                        on: host,
                        [
                            "redis-server", "--port", "\(6379 + shift)", "--save", "", "--protected-mode", "no",
                            "--bind",
                            "0.0.0.0", "--enable-debug-command", "local", "--dir", lab.folder,
                        ], label: "redis-\(host)")
                    let memcached = try lab.start(
                        on: host, ["memcached", "-u", "nobody", "-p", "\(11211 + shift)", "-l", "0.0.0.0"],
                        label: "memcached-\(host)")
                    try await redis.listens(on: 6379 + shift)
                    try await memcached.listens(on: 11211 + shift)
                }
                for port in [8080, 6380, 11212] { try await lab.divert(port: port) }

                let recorder = try lab.start(
                    on: "online",
                    [
                        Project.program("tcpcopy"), "--record", "\(lab.folder)/mixed.pcapng", "--record-size", "1",
                        "-i",
                        "eth0", "-F", "tcp dst port 80 or tcp dst port 6379 or tcp dst port 11211",
                    ], label: "recorder")
                try await eventually("tcpcopy captures") { recorder.packetSockets > 0 }
                try await settled("the capture sockets") { recorder.packetSockets }
                let address = try await lab.address(of: "online")
                let web = WebLoad(url: "http://\(address)/", rate: 1_000, seconds: 3)
                async let loading: Void = web.run(in: lab)
                try await lab.run(
                    on: "client",
                    [
                        "redis-benchmark", "-h", address, "-p", "6379", "-r", "5000", "-q", "-c", "20", "-n", "2000",
                        "-t",
                        "set,incr,lpush,sadd",
                    ])
                let client = Project.script("lab-tools/memcached-client")
                try await lab.run(on: "client", [client, "load", address, "11211", "4", "0"])
                try await loading
                #expect(try await recorder.stop(SIGINT) == 0, "\(recorder.output)")
                #expect(recorder.output.contains("Every captured frame was recorded."), "\(recorder.output)")
                let files = try FileManager.default.contentsOfDirectory(atPath: lab.folder)
                    .filter { $0.hasPrefix("mixed_") }.sorted().map { "\(lab.folder)/\($0)" }
                #expect(files.count > 1, "\(files)")
                #expect(online.requestCount == web.count)

                let intercepts = try await Replay.startIntercepts(on: ["assistant"], in: lab)
                let copy = try await lab.address(of: "target")
                let assistant = try await lab.address(of: "assistant")
                func play(_ transfers: String, _ options: [String]) async throws -> LedgerFile {
                    let ledger = "\(lab.folder)/ledger.json"
                    try await lab.run(
                        on: "online",
                        [
                            Project.program("tcpcopy"), "-x", transfers, "-s", assistant, "--offline",
                            files.joined(separator: ","), "--ledger", ledger,
                        ] + Replay.Injection.packet.options + options, within: .seconds(120))
                    return try LedgerFile(path: ledger)
                }
                let all = try await play("80-\(copy):8080,6379-\(copy):6380,11211-\(copy):11212", ["-a", "1"])
                #expect(all.balances && all.exchanges.answered == all.exchanges.captured)
                try await target.receives(web.count)
                expectSame(online.lines, target.lines)
                for (program, ports) in [
                    (["redis-cli", "-p"], [6379, 6380]), ([client, "digest", "127.0.0.1"], [11211, 11212]),
                ] {
                    let rest = program.count == 2 ? ["debug", "digest"] : ["4"]
                    let expected = try await lab.run(on: "online", program + ["\(ports[0])"] + rest)
                    #expect(expected.contains { $0.isNumber && $0 != "0" })
                    #expect(try await lab.run(on: "target", program + ["\(ports[1])"] + rest) == expected)
                }
                var rounds = 1
                for (options, more) in [(["-a", "10"], 1), (["-a", "max"], 1), (["-T", "3", "-a", "max"], 3)] {
                    let ledger = try await play("80-\(copy):8080", options)
                    rounds += more
                    ledger.expectAllAnswered(web.count * more)
                    #expect(target.requestCount == web.count * rounds, "after \(options)")
                }
                for intercept in intercepts { try await intercept.stop(SIGINT) }
            }
        }
    }
}
