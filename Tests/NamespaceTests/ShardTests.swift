import Testing

extension Namespaces {
    @Suite struct Shards {
        @Test(arguments: [4, 6])
        func `two shards each carry their part of long and short connections, and lose nothing`(
            family: Int
        ) async throws {
            try await Lab.with { lab in
                let url = try await lab.onlineURL(family: family)
                let ledger = try await WebReplay(family: family, options: ["--shards", "2"]).run(
                    [
                        WebLoad(url: url, rate: 3000, seconds: 4, tag: "long"),
                        WebLoad(url: url, rate: 1000, seconds: 4, short: true, tag: "short"),
                    ], in: lab)
                try #require(ledger.shards.count == 2)
                for shard in ledger.shards {
                    #expect(shard.exchanges * 10 >= ledger.exchanges.captured * 3)
                    #expect(shard.packets > shard.exchanges)
                }
                #expect(ledger.shards.reduce(0) { $0 + $1.exchanges } == ledger.exchanges.replayed)
            }
        }

        @Test(arguments: ["any", "eth0"])
        func `five shards replay what arrives on an interface or on all`(interface: String) async throws {
            try await Lab.with { lab in
                let load = WebLoad(
                    url: try await lab.onlineURL(), rate: 1000, seconds: 4, short: true)
                let ledger = try await WebReplay(captureInterface: interface, options: ["--shards", "5"])
                    .run([load], in: lab)
                #expect(ledger.shards.count == 5)
                #expect(ledger.shards.allSatisfy { $0.exchanges * 10 >= load.count })
            }
        }
    }
}
