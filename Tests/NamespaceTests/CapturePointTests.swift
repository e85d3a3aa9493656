import Testing

extension Namespaces {
    @Suite struct CapturePoints {
        @Test(arguments: ["any", "eth0,bridge0"])
        func `a packet seen at two interfaces is replayed once`(interfaces: String) async throws {
            try await Lab.with { lab in
                // What a bonded or bridged host shows: each packet at the slave, and again above it.
                let address = try await lab.address(of: "online")
                for command in [
                    "link add bridge0 type bridge", "link set bridge0 address 02:77:00:00:00:02",
                    "address flush dev eth0 scope global", "link set eth0 master bridge0", "link set bridge0 up",
                    "address add \(address)/16 dev bridge0",
                ] {
                    try await lab.run(on: "online", ["ip"] + command.split(separator: " ").map(String.init))
                }
                let hosts = try await AccountedReplay(in: lab, injection: .raw, listeningOn: interfaces)
                let url = try await lab.onlineURL()
                try await WebBurst(url: url, count: 3000, rate: 1500).run(until: hosts.online, in: lab)
                try await WebBurst(url: url, count: 3000, rate: 1500, short: true, tag: "short")
                    .run(until: hosts.online, in: lab)
                try await hosts.finishWhole()
            }
        }
    }
}
