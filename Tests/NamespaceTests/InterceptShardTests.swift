import Testing

extension Namespaces {
    /// tcpcopy and intercept with several shards each.
    @Suite struct InterceptShards {
        private func command(shards: Int) -> [String] {
            [Project.program("intercept"), "-i", "eth0", "--shards", "\(shards)"]
        }

        /// The segments that each shard of an intercept has captured, by its account.
        private func segments(of intercept: HostProcess) throws -> [Int] {
            let line = try #require(intercept.output.split(separator: "\n").last { $0.hasPrefix("shards ") })
            return line.split(separator: " ").compactMap { Int($0) }
        }

        @Test(arguments: [4, 6])
        func `with two shards on both sides each carries its part, and nothing is lost`(family: Int) async throws {
            try await Lab.with { lab in
                let replay = WebReplay(
                    family: family, options: ["--shards", "2"], intercept: command(shards: 2))
                let url = try await lab.onlineURL(family: family)
                var intercept: HostProcess?
                let ledger = try await replay.run(
                    [
                        WebLoad(url: url, rate: 3000, seconds: 3, tag: "long"),
                        WebLoad(url: url, rate: 1000, seconds: 3, short: true, tag: "short"),
                    ], in: lab
                ) { intercept = $0.intercepts.first }
                #expect(ledger.shards.count == 2)
                #expect(ledger.shards.allSatisfy { $0.exchanges * 10 >= ledger.exchanges.captured * 3 })
                let segments = try segments(of: #require(intercept))
                #expect(segments.count == 2)
                #expect(segments.allSatisfy { $0 * 10 >= segments.reduce(0, +) * 3 }, "\(segments)")
            }
        }

        @Test(arguments: [(1, 2), (2, 1), (3, 2), (2, 3)])
        func `different numbers of shards lose nothing either`(tcpcopy: Int, intercept: Int) async throws {
            try await Lab.with { lab in
                let url = try await lab.onlineURL()
                _ = try await WebReplay(options: ["--shards", "\(tcpcopy)"], intercept: command(shards: intercept)).run(
                    [
                        WebLoad(url: url, rate: 3000, seconds: 2, tag: "long"),
                        WebLoad(url: url, rate: 1000, seconds: 2, short: true, tag: "short"),
                    ], in: lab)
            }
        }
    }
}
