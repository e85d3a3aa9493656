import Glibc
import Testing

extension Namespaces {
    @Suite struct Routing {
        @Test(arguments: [4, 6])
        func `answers from the port go to the assistant and other traffic does not`(family: Int) async throws {
            try await Lab.with { lab in
                let way = ["--assistant", try await lab.address(of: "assistant", family: family), "--port", "8080"]
                #expect(try await connect(in: lab, family: family) == [8080: true, 8081: true])
                for _ in 1...2 { try await route(["add"] + way, in: lab) }
                #expect(try await connect(in: lab, family: family, diverted: [8080]) == [8080: false, 8081: true])
                #expect(try await lab.run(on: "target", ["ip", "-\(family)", "rule"]).matches(of: /8080/).count == 2)
                for _ in 1...2 { try await route(["remove"] + way, in: lab) }
                #expect(try await connect(in: lab, family: family) == [8080: true, 8081: true])
                #expect(try await route(["show"], in: lab).contains("nothing of target-route's"))
            }
        }

        @Test(arguments: [4, 6])
        func `answers from a UDP port go to the assistant, beside or without those from the TCP port`(
            family: Int
        ) async throws {
            try await Lab.with { lab in
                let tcp = ["--assistant", try await lab.address(of: "assistant", family: family), "--port", "8080"]
                let udp = tcp + ["--udp"]
                let server = try await DatagramServer(on: "target", port: 8080, in: lab)
                #expect(try await echoes(in: lab, family: family) == 5)
                for way in [tcp, udp, udp] { try await route(["add"] + way, in: lab) }
                #expect(try await route(["check"] + udp, in: lab).contains("a socket listens on UDP port 8080"))
                let shown = try await route(["show"], in: lab)
                #expect(shown.contains("from TCP port 8080") && shown.contains("from UDP port 8080"))
                #expect(try await echoes(in: lab, family: family) == 0)
                try await route(["remove"] + tcp, in: lab)
                #expect(try await echoes(in: lab, family: family) == 0)
                for _ in 1...2 { try await route(["remove"] + udp, in: lab) }
                #expect(try await echoes(in: lab, family: family) == 5)
                #expect(server.lines.count == 20)
                #expect(try await route(["show"], in: lab).contains("nothing of target-route's"))
            }
        }

        /// How many of five datagrams from the client the server on the target was heard to answer.
        private func echoes(in lab: Lab, family: Int) async throws -> Int? {
            let output = try await lab.run(
                on: "client",
                [
                    Project.script("lab-tools/datagram-client"), try await lab.address(of: "target", family: family),
                    "8080", "--count", "5",
                ])
            return output.firstMatch(of: /sent 5 answered (\d)/).flatMap { Int($0.1) }
        }

        @Test(arguments: [4, 6])
        func `whatever goes to the client network goes to the assistant`(family: Int) async throws {
            try await Lab.with { lab in
                let way = [
                    "--assistant", try await lab.address(of: "assistant", family: family), "--clients",
                    try await lab.verb(["clients", "\(family)"]),
                ]
                #expect(try await connect(in: lab, family: family) == [8080: true, 8081: true])
                for _ in 1...2 { try await route(["add"] + way, in: lab) }
                try await route(["check"] + way, in: lab)
                let diverted = try await connect(in: lab, family: family, diverted: [8080, 8081])
                #expect(diverted == [8080: false, 8081: false])
                for _ in 1...2 { try await route(["remove"] + way, in: lab) }
                #expect(try await connect(in: lab, family: family) == [8080: true, 8081: true])
            }
        }

        @Test func `check names what stands in the way, and passes once it is mended`() async throws {
            try await Lab.with { lab in
                let assistant = try await lab.address(of: "assistant")
                let way = ["--assistant", assistant, "--port", "8080", "--client", "198.51.100.7"]
                let missing = try await failure(["check"] + way, in: lab)
                #expect(
                    missing.contains("WRONG  route") && missing.contains("target-route add --assistant \(assistant)"))
                try await lab.run(on: "target", ["sysctl", "-q", "-w", "net.ipv4.conf.eth0.rp_filter=1"])
                #expect(try await failure(["check"] + way, in: lab).contains("WRONG  rp_filter: strict"))
                try await lab.run(on: "target", ["sysctl", "-q", "-w", "net.ipv4.conf.eth0.rp_filter=0"])
                try await route(["add", "--assistant", assistant, "--port", "8080"], in: lab)
                #expect(try await route(["check"] + way, in: lab).contains("a replay would work"))
                try await lab.verb(["cut", "assistant"])
                try await lab.run(on: "target", ["ip", "neighbour", "flush", "dev", "eth0"])
                #expect(try await failure(["check"] + way, in: lab).contains("WRONG  neighbour: \(assistant)"))
            }
        }

        @Test func `an assistant behind a gateway is refused, since the gateway would deliver the answers`()
            async throws
        {
            try await Lab.with { lab in
                let gateway = try await lab.address(of: "online")
                try await lab.run(on: "target", ["ip", "route", "add", "192.0.2.0/24", "via", gateway])
                let refusal = try await failure(["add", "--assistant", "192.0.2.9", "--port", "8080"], in: lab)
                #expect(refusal.contains("behind \(gateway)"))
                #expect(!(try await lab.run(on: "target", ["ip", "rule"]).contains("8080")))
            }
        }

        @discardableResult
        private func route(_ arguments: [String], in lab: Lab) async throws -> String {
            try await lab.run(on: "target", [Project.script("routing/target-route")] + arguments)
        }

        /// What target-route prints when it is expected to end with another status than 0.
        private func failure(_ arguments: [String], in lab: Lab) async throws -> String {
            let process = try lab.start(
                on: "target", [Project.script("routing/target-route")] + arguments, label: "target-route")
            #expect(try await process.exitStatus() != 0)
            return process.output
        }

        /// Whether the client gets an answer from each of two ports of the target.
        ///
        /// - Parameter diverted: those of which the answers are to reach the assistant: that is waited for instead.
        private func connect(in lab: Lab, family: Int, diverted: [Int] = []) async throws -> [Int: Bool] {
            let address = try await lab.address(of: "target", family: family)
            var servers: [StreamServer] = []
            var attempts: [Int: HostProcess] = [:]
            for port in [8080, 8081] {
                servers.append(try await StreamServer(on: "target", port: port, in: lab))
                // The first time starts the counter, which then holds nothing until answers are diverted.
                try await lab.verb(strays(from: port))
                attempts[port] = try lab.start(
                    on: "client",
                    [
                        Project.script("lab-tools/stream-client"), "--to", address, "--port", "\(port)", "--request",
                        "10000", "--log", "/dev/null",
                    ], label: "attempt-\(port)")
            }
            var reached: [Int: Bool] = [:]
            for (port, attempt) in attempts {
                if diverted.contains(port) {
                    try await eventually("SYN-ACKs from port \(port) reach the assistant") {
                        try await !lab.verb(strays(from: port)).hasPrefix("0 ")
                    }
                    reached[port] = try await attempt.stop(SIGKILL) == 0
                } else {
                    reached[port] = try await attempt.exitStatus() == 0
                }
            }
            for server in servers { try await server.process.stop() }
            return reached
        }

        /// The verb that counts what the target sends to the assistant from a port.
        private func strays(from port: Int) -> [String] {
            ["count", "--from", "target", "--to", "assistant", "--source-port", "\(port)"]
        }
    }
}
