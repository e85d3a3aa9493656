import Glibc
import Testing

extension Namespaces {
    /// A target that does not keep its connections as online does.
    @Suite struct UnevenServers {
        @Test func `a target that closes its connections sooner than online answers every request`() async throws {
            try await Lab.with { lab in
                let hosts = try await AccountedReplay(
                    in: lab, options: ["keepalive_requests 10", "keepalive_timeout 1"])
                try await WebBurst(url: try await lab.onlineURL(), count: 4000, rate: 1000)
                    .run(until: hosts.online, in: lab)
                let ledger = try await hosts.finishWhole()
                #expect(ledger.reopenings > 300)
            }
        }

        @Test func `what a restart of the target's server costs is named to the last exchange`() async throws {
            try await Lab.with { lab in
                let hosts = try await AccountedReplay(in: lab)
                async let load: Void = WebBurst(url: try await lab.onlineURL(), count: 6000, rate: 1000)
                    .run(until: hosts.online, in: lab)
                try await hosts.target.receives(2000)
                try await hosts.target.process.stop()
                try await Task.sleep(for: .seconds(1))
                _ = try await WebServer(on: "target", port: 8080, in: lab)
                try await load
                let ledger = try await hosts.finish()
                #expect(ledger.exchanges.lost > 0 && ledger.exchanges.answered > 2500)
            }
        }
    }
}
