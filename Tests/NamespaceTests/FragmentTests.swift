import Testing

extension Namespaces {
    @Suite struct Fragments {
        @Test(arguments: [(4, 1), (6, 1), (4, 3), (6, 3)])
        func `segments that arrive as shuffled fragments reach the target whole, whichever shard they belong to`(
            family: Int, shards: Int
        ) async throws {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080, family: family)
                let address = try await lab.address(of: "target", family: family)
                let endpoint = family == 4 ? "\(address):8080" : "[\(address)]:8080"
                let replay = try await Replay(
                    "80-\(endpoint)", in: lab, family: family, options: ["--shards", "\(shards)"])
                // The other shards are told of the first fragment while it is on its way.
                try await ask(1, in: lab, family: family, firstPort: 19_999)
                try await settled("the target's log") { target.requestCount }
                let begun = target.requestCount
                try await ask(60, in: lab, family: family, firstPort: 20_000)
                try await target.receives(begun + 60)
                let ledger = try await replay.finish(expecting: 0...(begun == 1 ? 0 : 1))
                ledger.expectDifference(of: online.lines, and: target.lines)
                #expect(begun == 1 || shards > 1)
                #expect(ledger.exchanges.captured == 61 && ledger.exchanges.answered == begun + 60)
                #expect(ledger.capture.joinedFragments > 100)
                #expect(ledger.shards.allSatisfy { $0.exchanges > 5 })
            }
        }

        private func ask(_ count: Int, in lab: Lab, family: Int, firstPort: Int) async throws {
            let client = family == 4 ? "10.77.1.99" : "fd77::1:63"
            let station = try await lab.run(on: "client", ["cat", "/sys/class/net/eth0/address"])
            let neighbour = ["ip", "neighbour", "replace", client, "dev", "eth0", "lladdr"]
            try await lab.run(on: "online", neighbour + station.split(separator: "\n").map(String.init))
            try await lab.run(
                on: "client",
                [
                    Project.script("lab-tools/fragmenting-client"), client,
                    try await lab.address(of: "online", family: family), "80", "\(count)", "\(firstPort)",
                ])
        }
    }
}
