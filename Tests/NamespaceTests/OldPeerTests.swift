import Glibc
import Testing

extension Namespaces {
    /// TCPCopy 1.x on the other end of the relay, by peers written after its layout alone, and by our own programs.
    @Suite struct OldPeers {
        private static let filtering = [Project.program("intercept"), "-i", "eth0", "-F", "tcp and src port 8080"]
        private static let oldIntercept = [Project.script("lab-tools/old-intercept"), "eth0", "8080"]

        @Test(arguments: [1, 2])
        func `a tcpcopy of TCPCopy 1_x carries on all its sessions through our intercept`(shards: Int) async throws {
            try await Lab.with { lab in
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080)
                let intercept = try await Replay.startIntercepts(
                    on: ["assistant"], in: lab, command: Self.filtering + ["--shards", "\(shards)"])[0]
                let printed = try await lab.run(on: "online", try await oldTcpcopy(in: lab, sessions: 1000))
                #expect(printed.contains("answered 3000 of 3000"), "\(printed)")
                #expect(target.requestCount == 3000)
                #expect(Set(target.lines).count == 3000, "no request came twice")
                try await intercept.stop(SIGINT)
                #expect(intercept.output.contains("0 connections of 2 so far, 0 sessions; 0 forgotten, 0 refused"))
            }
        }

        @Test(arguments: [1, 2])
        func `our tcpcopy loses nothing with an intercept of TCPCopy 1_x`(shards: Int) async throws {
            try await Lab.with { lab in
                let url = try await lab.onlineURL()
                let replay = WebReplay(
                    options: ["--relay-protocol", "1", "--shards", "\(shards)"], intercept: Self.oldIntercept)
                _ = try await replay.run(
                    [
                        WebLoad(url: url, rate: 1000, seconds: 4, tag: "long"),
                        WebLoad(url: url, rate: 300, seconds: 4, short: true, tag: "short"),
                    ], in: lab)
            }
        }

        @Test func `redis at the target holds the same through an intercept of TCPCopy 1_x`() async throws {
            try await Lab.with { lab in
                for (host, port) in [("online", 6379), ("target", 8080)] {
                    let server = try lab.start(
                        on: host,
                        [
                            "redis-server", "--port", "\(port)", "--save", "", "--protected-mode", "no", "--bind",
                            "0.0.0.0", "--enable-debug-command", "local", "--dir", lab.folder,
                        ], label: "redis-\(host)")
                    try await server.listens(on: port)
                }
                try await lab.divert(port: 8080)
                let replay = try await replay(of: 6379, in: lab, behind: Self.oldIntercept)
                let online = try await lab.address(of: "online")
                try await lab.run(
                    on: "client",
                    [
                        "redis-benchmark", "-h", online, "-p", "6379", "-r", "5000", "-q", "-c", "20", "-t",
                        "set,get,incr,lpush,rpush,sadd,hset,mset", "-n", "2000",
                    ])
                let expected = try await lab.run(on: "online", ["redis-cli", "-p", "6379", "debug", "digest"])
                #expect(Set(expected.prefix { $0 != "\n" }) != ["0"])
                let ledger = try await replay.finish()
                #expect(try await lab.run(on: "target", ["redis-cli", "-p", "8080", "debug", "digest"]) == expected)
                ledger.expectWhole()
            }
        }

        @Test(arguments: [1, 2])
        func `our tcpcopy and intercept lose nothing in the protocol of TCPCopy 1_x`(shards: Int) async throws {
            try await Lab.with(["--clients", "1"]) { lab in
                // Short connections use their ports again within a second, while the sessions before them linger.
                try await lab.run(on: "client", ["sysctl", "-q", "-w", "net.ipv4.ip_local_port_range=20000 20999"])
                let url = try await lab.onlineURL()
                let replay = WebReplay(
                    options: ["--relay-protocol", "1", "--shards", "\(shards)"],
                    intercept: Self.filtering + ["--shards", "\(shards)"])
                _ = try await replay.run(
                    [
                        WebLoad(url: url, rate: 4000, seconds: 3, tag: "long"),
                        WebLoad(url: url, rate: 1500, seconds: 3, short: true, tag: "short"),
                    ], in: lab)
            }
        }

        @Test func `sessions go on when an intercept of TCPCopy 1_x is killed and started again`() async throws {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080)
                let replay = try await replay(of: 80, in: lab, behind: Self.oldIntercept)
                let load = WebLoad(url: try await lab.onlineURL(), rate: 500, seconds: 6)
                let wrk = try lab.start(on: "client", load.command, label: "wrk")
                try await target.receives(1000)
                try await replay.intercepts[0].stop(SIGKILL)
                _ = try await Replay.startIntercepts(on: ["assistant"], in: lab, command: Self.oldIntercept)
                #expect(try await wrk.exitStatus(within: .seconds(60)) == 0)
                try await target.receives(load.count)
                expectSame(online.lines, target.lines)
                try await replay.finish().expectAllAnswered(load.count)
            }
        }

        @Test(arguments: [1, 2])
        func `one intercept serves a tcpcopy of TCPCopy 1_x beside one of ours`(shards: Int) async throws {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080)
                let replay = try await replay(
                    of: 80, in: lab, behind: Self.filtering + ["--shards", "\(shards)"], options: [])
                let load = WebLoad(url: try await lab.onlineURL(), rate: 500, seconds: 6, short: true)
                let wrk = try lab.start(on: "client", load.command, label: "wrk")
                try await target.receives(500)
                // Comes, works and goes while sessions of the other begin.
                let printed = try await lab.run(on: "online", try await oldTcpcopy(in: lab, sessions: 300))
                #expect(printed.contains("answered 900 of 900"), "\(printed)")
                #expect(try await wrk.exitStatus(within: .seconds(60)) == 0)
                try await target.receives(load.count + 900)
                try await replay.finish().expectAllAnswered(load.count)
                let (old, ours) = target.lines.reduce(into: ([Substring](), [Substring]())) {
                    if $1.contains("/old/") { $0.0.append($1) } else { $0.1.append($1) }
                }
                #expect(Set(old).count == 900 && old.count == 900)
                expectSame(online.lines, ours)
            }
        }

        @Test func `an intercept without -F turns TCPCopy 1_x away, and says why`() async throws {
            try await Lab.with { lab in
                let intercept = try await Replay.startIntercepts(on: ["assistant"], in: lab)[0]
                let tcpcopy = try lab.start(
                    on: "online",
                    [
                        Project.program("tcpcopy"), "-x", "80-\(try await lab.address(of: "target")):8080", "-s",
                        try await lab.address(of: "assistant"), "-i", "eth0", "--relay-protocol", "1",
                    ], label: "tcpcopy")
                #expect(try await tcpcopy.exitStatus() == 69)
                #expect(tcpcopy.output.contains("intercept does not answer (the other side closed the connection)"))
                #expect(intercept.output.contains("it is a tcpcopy of TCPCopy 1.x"))
                #expect(intercept.output.contains("expected with -F only"))
                #expect(intercept.isRunning)
            }
        }

        private func replay(
            of port: Int, in lab: Lab, behind intercept: [String], options: [String] = ["--relay-protocol", "1"]
        ) async throws -> Replay {
            let intercepts = try await Replay.startIntercepts(on: ["assistant"], in: lab, command: intercept)
            return try await Replay(
                "\(port)-\(try await lab.address(of: "target")):8080", in: lab, intercepts: intercepts,
                options: options)
        }

        /// Three requests on each of its sessions, from addresses that no client has.
        private func oldTcpcopy(in lab: Lab, sessions: Int) async throws -> [String] {
            [
                Project.script("lab-tools/old-tcpcopy"), try await lab.address(of: "assistant"),
                try await lab.address(of: "target"), "8080", "--clients", "10.77.200", "--sessions", "\(sessions)",
                "--requests", "3",
            ]
        }
    }
}
