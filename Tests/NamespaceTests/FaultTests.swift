import Glibc
import Testing

extension Namespaces {
    @Suite struct Faults {
        @Test func `sessions go on when the relay is silent for a while`() async throws {
            try await expectAllArrive { lab, _ in
                try await lab.verb(["cut", "assistant", "--port", "36524"])
                try await Task.sleep(for: .seconds(2))
                try await lab.verb(["restore", "assistant", "--port", "36524"])
            }
        }

        @Test func `sessions go on when intercept is killed and started again`() async throws {
            try await expectAllArrive { lab, replay in
                try await replay.intercepts[0].stop(SIGKILL)
                try await Task.sleep(for: .seconds(1))
                _ = try await Replay.startIntercepts(on: ["assistant"], in: lab)
            }
        }

        @Test func `nothing is lost when intercept is away for longer than an answer is waited for`() async throws {
            let ledger = try await expectAllArrive(seconds: 12) { lab, replay in
                try await replay.intercepts[0].stop(SIGKILL)
                try await Task.sleep(for: .seconds(7))
                _ = try await Replay.startIntercepts(on: ["assistant"], in: lab)
            }
            #expect(ledger.relay.reconnections == 1)
        }

        @Test func `nothing is lost when the relay is cut for longer than an answer is waited for`() async throws {
            try await expectAllArrive(seconds: 16) { lab, _ in
                try await lab.verb(["cut", "assistant", "--port", "36524"])
                try await Task.sleep(for: .seconds(12))
                try await lab.verb(["restore", "assistant", "--port", "36524"])
            }
        }

        @Test func `sessions go on when the target's cable is out for a while`() async throws {
            try await expectAllArrive { lab, _ in
                try await lab.verb(["carrier", "target", "down"])
                try await Task.sleep(for: .seconds(2))
                try await lab.verb(["carrier", "target", "up"])
            }
        }

        @Test func `sessions go on when the target's interface gets another MAC address`() async throws {
            try await expectAllArrive { lab, _ in
                // The target's kernel tells its neighbours, as one does whose address moves to another machine.
                try await lab.run(on: "target", ["sysctl", "-q", "-w", "net.ipv4.conf.eth0.arp_notify=1"])
                try await lab.run(on: "target", ["ip", "link", "set", "eth0", "address", "02:77:00:00:99:99"])
            }
        }

        struct KernelRefusal: Sendable, CustomTestStringConvertible {
            /// As the ledger counts it.
            var name: String
            /// Commands on online after which its kernel takes no frames, or few, and takes all again.
            var begin: String
            var end: String
            var injection = Replay.Injection.packet
            var testDescription: String { name }
        }

        @Test(arguments: [
            KernelRefusal(
                name: "EPERM",
                begin: "nft 'table ip t { chain c { type filter hook output priority 0; tcp dport 8080 drop; }; }'",
                end: "nft delete table ip t", injection: .raw),
            KernelRefusal(name: "EMSGSIZE", begin: "ip link set eth0 mtu 1000", end: "ip link set eth0 mtu 1500"),
            KernelRefusal(
                name: "ENOBUFS", begin: "tc qdisc add dev eth0 root tbf rate 1mbit burst 1600 limit 1600",
                end: "tc qdisc del dev eth0 root"),
            // With the interface its routes go, so there is no next hop.
            KernelRefusal(name: "EHOSTUNREACH", begin: "ip link set eth0 down", end: "ip link set eth0 up"),
        ])
        func `what the kernel refuses for a while is sent later, and tcpcopy goes on`(refusal: KernelRefusal)
            async throws
        {
            try await expectAllArrive(seconds: 4, filling: 3000, injection: refusal.injection) { lab, replay in
                try await lab.run(on: "online", ["sh", "-c", refusal.begin])
                try await replay.reports("\(refusal.name) ")
                try await lab.run(on: "online", ["sh", "-c", refusal.end])
            }
        }

        @Test func `a forgotten route costs the clients a handful of packets and is named`() async throws {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                let stray = ["count", "--from", "target", "--to", "client", "--source-port", "8080"]
                try await lab.verb(stray)
                let replay = try await Replay("80-\(try await lab.address(of: "target")):8080", in: lab)
                let load = WebLoad(url: try await lab.onlineURL(), rate: 200, seconds: 6, short: true)
                try await load.run(in: lab)
                #expect(online.requestCount == load.count)
                #expect(target.requestCount == 0)
                let ledger = try await replay.finish(expecting: 1)
                #expect(ledger.balances && ledger.exchanges.balances)
                #expect(ledger.exchanges.captured == load.count && ledger.exchanges.answered == 0)
                #expect(replay.tcpcopy.output.contains("route"))
                let packets = try #require(try await lab.verb(stray).split(separator: " ").first.flatMap { Int($0) })
                #expect((1...10).contains(packets))
            }
        }

        @Test func `SIGINT closes the sessions at the target and nowhere else`() async throws {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080)
                let replay = try await Replay("80-\(try await lab.address(of: "target")):8080", in: lab)
                let client = try await lab.holdConnections(20, requests: 5)
                try await target.receives(100)
                #expect(target.process.establishedConnections(on: 8080) == 20)
                try await replay.finish().expectAllAnswered(100)
                try await eventually("the target's connections are closed") {
                    target.process.establishedConnections(on: 8080) == 0
                }
                #expect(online.process.establishedConnections(on: 80) == 20)
                try await client.stop()
            }
        }

        @Test func `a second SIGINT ends tcpcopy at once`() async throws {
            try await Lab.with { lab in
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                _ = try await WebServer(on: "online", port: 80, in: lab)
                try await lab.divert(port: 8080)
                let replay = try await Replay("80-\(try await lab.address(of: "target")):8080", in: lab)
                let client = try await lab.holdConnections(20, requests: 1)
                try await target.receives(20)
                // With the target out of reach its sessions cannot be closed, so the first SIGINT has something to wait for.
                try await lab.verb(["cut", "target"])
                replay.tcpcopy.send(SIGINT)
                try await Task.sleep(for: .milliseconds(50))
                #expect(replay.tcpcopy.isRunning, "the first SIGINT waited for nothing, so the second shows nothing")
                try await replay.tcpcopy.stop(SIGINT, within: .seconds(1))
                try await client.stop()
            }
        }

        @Test func `intercept stops loudly when its host begins to forward`() async throws {
            try await Lab.with { lab in
                let intercept = try await Replay.startIntercepts(on: ["assistant"], in: lab)[0]
                try await lab.run(on: "assistant", ["sysctl", "-q", "-w", "net.ipv4.ip_forward=1"])
                let status = try await intercept.exitStatus()
                #expect(status != 0)
                #expect(intercept.output.contains("ip_forward"))
            }
        }

        /// Requests that `fault` strikes amid, a thousand a second; expects that none is missing at the end.
        ///
        /// - Parameters:
        ///   - seconds: longer than the fault takes.
        ///   - filling: bytes by which each request is longer.
        @discardableResult
        private func expectAllArrive(
            seconds: Int = 6, filling: Int = 0, injection: Replay.Injection = .packet,
            _ fault: (Lab, Replay) async throws -> Void
        ) async throws -> LedgerFile {
            try await Lab.with { lab in
                let hosts = try await AccountedReplay(in: lab, injection: injection)
                let count = seconds * 1000
                let burst = WebBurst(url: try await lab.onlineURL(), count: count, rate: 1000, filling: filling)
                async let load: Void = burst.run(until: hosts.online, in: lab)
                try await hosts.target.receives(1000)
                try await fault(lab, hosts.replay)
                #expect(hosts.online.requestCount < count, "the load ended before the fault did")
                try await load
                return try await hosts.finishWhole()
            }
        }
    }
}

extension Lab {
    /// Opens keep-alive connections to the online host, sends `requests` on each, and keeps them open until stopped.
    func holdConnections(_ count: Int, requests: Int) async throws -> HostProcess {
        let client = try start(
            on: "client",
            [
                Project.script("lab-tools/fixed-port-client"), "--to", try await address(of: "online"), "--port", "80",
                "--from", try await address(of: "client"), "--ports", "20000-\(20000 + count - 1)",
                "--requests", "\(requests)", "--hold",
            ], label: "held-connections")
        try await client.prints("holding")
        return client
    }
}

extension HostProcess {
    /// Connections to `port` of the process's host that neither side has begun to close.
    func establishedConnections(on port: Int) -> Int {
        sockets.count { $0.state == .established && $0.localPort == port }
    }
}
