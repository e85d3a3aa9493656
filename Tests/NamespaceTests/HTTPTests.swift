import Glibc
import Testing

extension Namespaces {
    @Suite struct HTTP {
        @Test(arguments: Replay.Injection.allCases)
        func `nine thousand keep-alive requests a second for ten seconds all arrive`(
            injection: Replay.Injection
        ) async throws {
            try await Lab.with { lab in
                let load = WebLoad(url: try await lab.onlineURL(), rate: 9000, seconds: 10)
                _ = try await WebReplay(injection: injection).run([load], in: lab)
            }
        }

        @Test(arguments: Replay.Injection.allCases)
        func `four thousand connections of one request a second for ten seconds all arrive`(
            injection: Replay.Injection
        ) async throws {
            try await Lab.with { lab in
                let load = WebLoad(url: try await lab.onlineURL(), rate: 4000, seconds: 10, short: true)
                _ = try await WebReplay(injection: injection).run([load], in: lab)
            }
        }

        @Test func `requests over IPv6 all arrive, by long and by short connections`() async throws {
            try await Lab.with { lab in
                let url = try await lab.onlineURL(family: 6)
                _ = try await WebReplay(family: 6).run(
                    [
                        WebLoad(url: url, rate: 9000, seconds: 3, tag: "long"),
                        WebLoad(url: url, rate: 4000, seconds: 3, short: true, tag: "short"),
                    ], in: lab)
            }
        }

        @Test func `own frames are not replayed again when online and target port are equal`() async throws {
            try await Lab.with { lab in
                let load = WebLoad(url: try await lab.onlineURL(), rate: 2000, seconds: 3)
                _ = try await WebReplay(targetPort: 80, captureInterface: "any").run([load], in: lab)
            }
        }

        @Test func `a replay takes a core from nobody who is at work`() async throws {
            try await Lab.with { lab in
                let replay = try await Replay("80-\(try await lab.address(of: "target")):8080", in: lab)
                let policies = try replay.tcpcopy.threadPolicies
                #expect(policies.count >= 2)
                for (name, policy) in policies where name.hasPrefix("NIO-ELT-1") || name.hasPrefix("capture") {
                    #expect(policy == 3, "SCHED_BATCH is expected of \(name)")
                }
                #expect(policies.contains { $0.name.hasPrefix("capture") })
                _ = try await replay.finish()
            }
        }

        @Test func `a next hop's MAC address given by hand wins over the kernel's`() async throws {
            try await Lab.with { lab in
                let (online, address) = (try await lab.address(of: "online"), try await lab.address(of: "target"))
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                _ = try await WebServer(on: "online", port: 80, in: lab)
                try await lab.divert(port: 8080)
                let given = try await lab.run(on: "target", ["cat", "/sys/class/net/eth0/address"]).prefix(17)
                let wrong = ["lladdr", "02:77:00:00:99:99", "dev", "eth0", "nud", "permanent"]
                try await lab.run(on: "online", ["ip", "neighbour", "replace", address] + wrong)
                let replay = try await Replay("\(online):80-\(address):8080@\(given)", in: lab)
                let load = WebLoad(url: try await lab.onlineURL(), rate: 100, seconds: 1)
                try await load.run(in: lab)
                try await target.receives(load.count)
                try await replay.finish().expectAllAnswered(load.count)
            }
        }

        @Test func `addresses are used again while the target still holds them from the run before`() async throws {
            try await Lab.with(["--clients", "1"]) { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080)
                try await lab.run(on: "client", ["sysctl", "-q", "-w", "net.ipv4.ip_local_port_range=20000 21999"])
                var count = 0
                for round in 1...2 {
                    let replay = try await Replay("80-\(try await lab.address(of: "target")):8080", in: lab)
                    let load = WebLoad(
                        url: try await lab.onlineURL(), rate: 2500, seconds: 2, short: true, tag: "round\(round)")
                    try await load.run(in: lab)
                    count += load.count
                    try await target.receives(count)
                    try await replay.finish().expectAllAnswered(load.count)
                }
                expectSame(online.lines, target.lines)
            }
        }

        @Test func `one injected frame in a hundred lost on the way costs no request`() async throws {
            try await Lab.with { lab in
                try await lab.verb(["loss", "1", "--from", "online", "--to", "target"])
                let load = WebLoad(url: try await lab.onlineURL(), rate: 2000, seconds: 3)
                let ledger = try await WebReplay().run([load], in: lab)
                #expect(ledger.retransmissions > 0)
            }
        }
    }
}

extension Lab {
    func onlineURL(family: Int = 4) async throws -> String {
        let address = try await address(of: "online", family: family)
        return family == 6 ? "http://[\(address)]/" : "http://\(address)/"
    }
}
