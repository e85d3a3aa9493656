import Glibc
import Testing

extension Namespaces {
    @Suite struct Overload {
        @Test func `beyond its memory tcpcopy sheds whole sessions, names them and serves the others`() async throws {
            try await Lab.with { lab in
                let hosts = try await AccountedReplay(
                    in: lab, program: "talk-server", options: ["--delay", "0.005"], replayOptions: ["-m", "16"])
                let memoryBefore = hosts.replay.tcpcopy.residentBytes
                let begun = ContinuousClock.now
                try await WebBurst(url: try await lab.onlineURL(), count: 12_000, filling: 3000)
                    .run(until: hosts.online, in: lab)
                let memoryAfter = hosts.replay.tcpcopy.residentBytes
                let processorTime = hosts.replay.tcpcopy.processorTime
                let core = (ContinuousClock.now - begun) * 1.1
                #expect(processorTime > .zero && processorTime <= core, "\(processorTime) of \(core)")
                // 16 MB of what it may hold, and as much again for the allocator and the report.
                #expect(memoryAfter < memoryBefore + 32_000_000, "\(memoryBefore) grew to \(memoryAfter)")
                let ledger = try await hosts.finish()
                #expect(ledger.exchanges.shed["memory"] ?? 0 > 0)
                #expect(ledger.exchanges.failed.isEmpty)
                #expect(ledger.exchanges.answered > 1000)
                #expect(ledger.sessions.answered > 0 && ledger.sessions.failed.isEmpty)
                #expect(hosts.replay.tcpcopy.output.contains("memory in use"))
            }
        }

        @Test func `what a stalled target sheds rejoins once it goes on, and the ledger tells what it cost`()
            async throws
        {
            try await Lab.with { lab in
                let hosts = try await AccountedReplay(in: lab, replayOptions: ["-m", "16"])
                let url = try await lab.onlineURL()
                async let load: Void = WebBurst(url: url, count: 15_000, rate: 2500, connections: 40, filling: 3000)
                    .run(until: hosts.online, in: lab)
                try await hosts.target.receives(1000)
                hosts.target.process.sendToChildren(SIGSTOP)
                try await hosts.replay.reports("memory in use")
                hosts.target.process.sendToChildren(SIGCONT)
                try await load
                let ledger = try await hosts.finish()
                let shed = ledger.sessions.shed["memory"] ?? 0
                #expect(shed > 0 && ledger.sessions.failed.isEmpty && ledger.exchanges.failed.isEmpty)
                #expect(
                    ledger.sessions.answered == ledger.sessions.captured - shed,
                    "sessions that were not shed went on untouched")
                let online = Dictionary(grouping: hosts.online.lines) { $0.prefix { $0 != " " } }
                let target = Set(hosts.target.lines)
                let incomplete = online.values.filter { !target.isSuperset(of: $0) }
                #expect(incomplete.count == shed)
                let away = incomplete.filter { $0.last.map(target.contains) != true }
                #expect(away.isEmpty, "\(away.count) of \(shed) sessions did not rejoin")
            }
        }

        @Test func `a hundred thousand idle sessions take at most 640 bytes of the process each`() async throws {
            try await Lab.with { lab in
                // A process may not hold so many files.
                let workers = ["--workers", "8"]
                let hosts = try await AccountedReplay(
                    in: lab, onlineOptions: workers, options: workers, replayOptions: ["-B", "256"])
                // With the first sessions comes what is there once, whatever their number.
                var before = 0
                let online = try await lab.address(of: "online")
                var clients: [HostProcess] = []
                for number in 1...8 {
                    let client = try lab.start(
                        on: "client",
                        [Project.script("lab-tools/idle-client"), online, "80", "10.77.1.\(number)", "12500"],
                        label: "idle-connections-\(number)")
                    clients.append(client)
                    try await client.prints("holding", within: .seconds(60))
                    try await hosts.target.receives(number * 12_500)
                    if number == 1 { before = hosts.replay.tcpcopy.residentBytes }
                }
                let bytes = (hosts.replay.tcpcopy.residentBytes - before) / 87_500
                // 501 are the engine's (docs/benchmarks.md). 498 to 569 were seen here; what the rest is, is not known.
                #expect(bytes <= 640, "\(bytes) bytes a session")
                let ledger = try await hosts.finishWhole()
                #expect(ledger.sessions.captured == 100_000)
                for client in clients { try await client.stop() }
            }
        }
    }
}
