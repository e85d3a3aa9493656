import Glibc
import Testing

extension Namespaces {
    /// What the programs refuse, with real interfaces and routes: one line, an exit status, and nothing opened before.
    @Suite struct Refusals {
        @Test func `tcpcopy refuses with one line that names it`() async throws {
            let cases = [
                (options: ["-i", "eth7", "-x", "80-10.77.0.3:8080"], naming: "eth7"),
                (["-x", "80-192.0.2.1:8080"], "192.0.2.1"),
                (["-x", "80-10.77:8080"], "80-10.77:8080"),
                (["-x", "80-10.77.0.3:99999"], "99999"),
                (["-x", "80-10.77.0.3:8080@02:00"], "02:00"),
                (["-x", "10.77.0.2:80-[fd77::3]:8080"], "fd77::3"),
                (["-x", "10.77.0.2:80-10.77.0.2:80"], "10.77.0.2:80"),
                (["-x", "80-10.77.0.3:8080", "-F", "tcp porridge"], "porridge"),
                (["-x", "80-10.77.0.99:8080"], "10.77.0.99"),
                (["-x", "80-10.77.0.3:8080", "-c", "10.77.0.3"], "the target's address, 10.77.0.3"),
                (["-x", "80-10.77.0.3:8080", "-c", "10.9.0.1,10.77.0.4"], "the assistant's address, 10.77.0.4"),
                (["-x", "80-10.77.0.3:8080", "-c", "10.77.0.2/31"], "10.77.0.2"),
                (["-x", "10.77.0.7:80-10.77.0.3:8080", "-c", "10.77.0.2"], "this host's address on eth0, 10.77.0.2"),
            ]
            try await Lab.with { lab in
                _ = try await Replay.startIntercepts(on: ["assistant"], in: lab)
                for (options, naming) in cases {
                    let tcpcopy = try lab.start(
                        on: "online",
                        [Project.program("tcpcopy"), "-s", "10.77.0.4", "--dlinject", "-o", "eth0"] + options,
                        label: "tcpcopy")
                    let status = try await tcpcopy.exitStatus()
                    #expect([64, 65, 69, 71, 78].contains(status), "exit status \(status), \(options)")
                    #expect(tcpcopy.output.split(separator: "\n").count == 1, "\(tcpcopy.output)")
                    #expect(tcpcopy.output.contains(naming), "\(tcpcopy.output)")
                }
            }
        }

        @Test func `tcpcopy refuses an unreachable assistant unless it may start lonely`() async throws {
            try await Lab.with { lab in
                let command = [
                    Project.program("tcpcopy"), "-x", "80-10.77.0.3:8080", "-s", "10.77.0.4", "--dlinject", "-i",
                    "eth0", "-o", "eth0",
                ]
                let refused = try lab.start(on: "online", command, label: "refused")
                #expect(try await refused.exitStatus(within: .seconds(60)) == 69)
                #expect(refused.output.contains("10.77.0.4"))
                let lonely = try lab.start(on: "online", command + ["-L"], label: "lonely")
                try await eventually("the lonely tcpcopy captures") { lonely.packetSockets > 0 }
                let intercept = try await Replay.startIntercepts(on: ["assistant"], in: lab)[0]
                try await eventually("the lonely tcpcopy finds its assistant") {
                    intercept.sockets.contains { $0.state == .established && $0.localPort == 36524 }
                }
                #expect(try await lonely.stop(SIGINT) == 0)
            }
        }

        @Test(arguments: ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"])
        func `intercept refuses a host that forwards, with the sysctl that mends it`(forwarding: String) async throws {
            try await Lab.with { lab in
                try await lab.run(on: "assistant", ["sysctl", "-q", "-w", "\(forwarding)=1"])
                let intercept = try lab.start(
                    on: "assistant", [Project.program("intercept"), "-i", "eth0"], label: "intercept")
                #expect(try await intercept.exitStatus() != 0)
                #expect(intercept.output.contains("\(forwarding)=0"))
                #expect(intercept.output.split(separator: "\n").count == 1, "\(intercept.output)")
            }
        }

        @Test func `intercept refuses a port in use`() async throws {
            try await Lab.with { lab in
                _ = try await Replay.startIntercepts(on: ["assistant"], in: lab)
                let second = try lab.start(
                    on: "assistant", [Project.program("intercept"), "-i", "eth0"], label: "second")
                #expect(try await second.exitStatus() != 0)
                #expect(second.output.contains("36524"))
                #expect(second.output.split(separator: "\n").count == 1, "\(second.output)")
            }
        }

        @Test(arguments: ["tcpcopy", "intercept"])
        func `without privilege the line that mends it is shown`(program: String) async throws {
            try await Lab.with { lab in
                let options = program == "tcpcopy" ? ["-x", "80-10.77.0.3:8080", "-s", "10.77.0.4"] : ["-i", "eth0"]
                // An ordinary user may not be able to read the build folder, so only the capabilities are taken away.
                let process = try lab.start(
                    on: program == "tcpcopy" ? "online" : "assistant",
                    ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--reuid=0", Project.program(program)]
                        + options, label: program)
                #expect(try await process.exitStatus() == 77)
                #expect(process.output.contains("setcap"))
            }
        }

        @Test func `garbage on the relay port ends that connection and no other`() async throws {
            try await Lab.with { lab in
                let load = WebLoad(url: try await lab.onlineURL(), rate: 1000, seconds: 3)
                _ = try await WebReplay().run([load], in: lab) { replay in
                    for bytes in ["os.urandom(100000)", "b'\\xff' * 100000", "b'GET / HTTP/1.1\\r\\n\\r\\n'"] {
                        // Ends once intercept has closed the connection, with 1 should it not do so.
                        try await lab.run(
                            on: "client",
                            [
                                "/usr/bin/python3", "-c",
                                """
                                import os, socket
                                s = socket.create_connection(("10.77.0.4", 36524))
                                s.settimeout(10)
                                try:
                                    s.sendall(\(bytes))
                                    while s.recv(65536): pass
                                except ConnectionError: pass
                                """,
                            ])
                    }
                    #expect(replay.intercepts[0].isRunning)
                }
            }
        }
    }
}
