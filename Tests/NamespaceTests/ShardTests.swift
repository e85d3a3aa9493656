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
                        WebLoad(url: url, rate: 3000, seconds: 3, tag: "long"),
                        WebLoad(url: url, rate: 1000, seconds: 3, short: true, tag: "short"),
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
                    url: try await lab.onlineURL(), rate: 1000, seconds: 3, short: true)
                let ledger = try await WebReplay(captureInterface: interface, options: ["--shards", "5"])
                    .run([load], in: lab)
                #expect(ledger.shards.count == 5)
                #expect(ledger.shards.allSatisfy { $0.exchanges * 10 >= load.count })
            }
        }

        @Test func `shards that replay from one pool, in copies, never use a pair of addresses twice`() async throws {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080)
                let replay = try await Replay(
                    "80-\(try await lab.address(of: "target")):8080", in: lab,
                    options: ["--shards", "3", "-c", "10.99.0.1,10.99.0.2", "-n", "2"])
                let load = WebLoad(url: try await lab.onlineURL(), rate: 500, seconds: 3, short: true)
                try await load.run(in: lab)
                try await target.receives(2 * load.count)
                let ledger = try await replay.finish()
                #expect(ledger.balances && ledger.exchanges.answered == 2 * load.count)
                #expect(online.requestCount == load.count && target.requestCount == 2 * load.count)
                #expect(Set(target.lines.map { $0.prefix { $0 != " " } }).count == 2 * load.count)
                #expect(ledger.shards.allSatisfy { $0.exchanges > load.count / 3 })
            }
        }
    }
}
