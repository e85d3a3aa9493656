import Foundation
import Testing

extension Namespaces {
    @Suite struct Protocols {
        @Test func `redis at the target holds the same keys and values`() async throws {
            try await Lab.with { lab in
                for (host, port) in [("online", 6379), ("target", 6380)] {
                    let server = try lab.start(
                        on: host,
                        [
                            "redis-server", "--port", "\(port)", "--save", "", "--protected-mode", "no", "--bind",
                            "0.0.0.0", "::", "--enable-debug-command", "local", "--dir", lab.folder,
                        ], label: "redis-\(host)")
                    try await server.listens(on: port)
                }
                let replay = try await replay(from: 6379, to: 6380, in: lab)
                let online = try await lab.address(of: "online")
                let benchmark = ["redis-benchmark", "-h", online, "-p", "6379", "-r", "5000", "-q", "-c", "20"]
                // What these leave behind does not depend on the order in which connections are served, as zadd's scores do.
                let commands = ["-t", "set,get,incr,lpush,rpush,sadd,hset,mset"]
                try await lab.run(on: "client", benchmark + commands + ["-n", "5000"])
                try await lab.run(on: "client", benchmark + commands + ["-n", "10000", "-P", "16"])
                let expected = try await lab.run(on: "online", ["redis-cli", "-p", "6379", "debug", "digest"])
                #expect(Set(expected.prefix { $0 != "\n" }) != ["0"])
                let ledger = try await replay.finish()
                #expect(try await lab.run(on: "target", ["redis-cli", "-p", "6380", "debug", "digest"]) == expected)
                ledger.expectWhole()
            }
        }

        @Test func `memcached at the target holds the same keys and values`() async throws {
            try await Lab.with { lab in
                for (host, port) in [("online", 11211), ("target", 11212)] {
                    let server = try lab.start(
                        on: host, ["memcached", "-u", "nobody", "-p", "\(port)", "-l", "0.0.0.0"],
                        label: "memcached-\(host)")
                    try await server.listens(on: port)
                }
                let replay = try await replay(from: 11211, to: 11212, in: lab)
                let client = Project.script("lab-tools/memcached-client")
                try await lab.run(on: "client", [client, "load", try await lab.address(of: "online"), "11211", "16"])
                let expected = try await lab.run(on: "online", [client, "digest", "127.0.0.1", "11211", "16"])
                #expect((expected.split(separator: " ").first.flatMap { Int($0) } ?? 0) > 1000)
                let ledger = try await replay.finish()
                #expect(try await lab.run(on: "target", [client, "digest", "127.0.0.1", "11212", "16"]) == expected)
                ledger.expectWhole()
            }
        }

        @Test func `mail over SMTP, where the server speaks first, arrives whole`() async throws {
            try await Lab.with { lab in
                var logs: [String: String] = [:]
                for (host, port) in [("online", 25), ("target", 2525)] {
                    let log = "\(lab.folder)/mail-\(host)"
                    logs[host] = log
                    let server = try lab.start(
                        on: host, [Project.script("lab-tools/mail-server"), "\(port)", log], label: "mail-\(host)")
                    try await server.listens(on: port)
                }
                let mail = { (host: String) in
                    try String(contentsOfFile: logs[host] ?? "", encoding: .utf8).split(separator: "\n")
                }
                let replay = try await replay(from: 25, to: 2525, in: lab)
                let online = try await lab.address(of: "online")
                try await lab.run(on: "client", [Project.script("lab-tools/mail-client"), online, "25", "100"])
                let ledger = try await replay.finish()
                #expect(try mail("online").count >= 100)
                expectSame(try mail("online"), try mail("target"))
                ledger.expectWhole()
            }
        }

        private func replay(from online: Int, to target: Int, in lab: Lab) async throws -> Replay {
            try await lab.divert(port: target)
            return try await Replay("\(online)-\(try await lab.address(of: "target")):\(target)", in: lab)
        }
    }
}

extension LedgerFile {
    /// Expects a ledger that balances and tells of nothing lost, where the number of exchanges is the protocol's affair.
    func expectWhole() {
        #expect(exchanges.captured > 0)
        expectAllAnswered(exchanges.captured)
    }
}
