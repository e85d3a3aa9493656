import Testing

extension Namespaces {
    @Suite struct CaptureLoss {
        @Test func `frames that capture loses cost the exchanges they belong to, and no other`() async throws {
            try await Lab.with(["--offload", "off"]) { lab in
                // One in 64 of each client's packets, by the number in its IP header, as if it had found no room in the ring.
                let hosts = try await AccountedReplay(
                    in: lab, replayOptions: ["-F", "tcp dst port 80 and ip[4:2] & 63 != 9"])
                try await WebBurst(url: try await lab.onlineURL(), count: 3000, rate: 1000, filling: 3000)
                    .run(until: hosts.online, in: lab)
                let ledger = try await hosts.finish()
                #expect(ledger.exchanges.shed.isEmpty && Set(ledger.exchanges.failed.keys) == ["captureHole"])
                // Requests of three packets.
                #expect((50...250).contains(ledger.exchanges.lost))
            }
        }
    }
}
