import Foundation
import Testing

extension Namespaces {
    /// Talk in which neither side waits for the other, or waits in the middle of what it has to say.
    @Suite struct TurnlessTalk {
        @Test func `both sides of an upgraded connection speak when they like`() async throws {
            try await Lab.with { lab in
                let hosts = try await servers(in: lab)
                try await lab.run(
                    on: "client",
                    [Project.script("lab-tools/talk-client"), try await lab.address(of: "online"), "80", "20"])
                try await expectSameConnections(20, hosts)
            }
        }

        @Test(arguments: ["0", "0.05"])
        func `uploads that wait to be told to go on arrive whole`(delay: String) async throws {
            try await Lab.with { lab in
                let hosts = try await servers(in: lab, delay: delay)
                let file = "\(lab.folder)/upload"
                try Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) })
                    .write(to: URL(filePath: file))
                let url = try await lab.onlineURL()
                for number in 1...10 {
                    try await lab.run(
                        on: "client",
                        [
                            "curl", "-sS", "--fail", "-H", "Expect: 100-continue", "--expect100-timeout", "30", "-T",
                            file,
                            url + "upload/\(number)", "-T", file, url + "upload/\(number)/again",
                        ])
                }
                try await expectSameConnections(10, hosts)
            }
        }

        private func servers(in lab: Lab, delay: String = "0") async throws -> AccountedReplay {
            try await AccountedReplay(
                in: lab, onlineProgram: "talk-server", program: "talk-server", options: ["--delay", delay])
        }

        private func expectSameConnections(_ count: Int, _ hosts: AccountedReplay) async throws {
            let logs = [hosts.online, hosts.target].map { $0.folder + "/streams.jsonl" }
            for log in logs {
                do {
                    try await eventually("\(count) connections have ended in \(log)") {
                        try StreamRecord.read(log).count == count
                    }
                } catch {
                    Issue.record(error)
                }
            }
            let ledger = try await hosts.replay.finish(expecting: 0...1)
            expectSame(hosts.online.lines, hosts.target.lines)
            let records = try logs.map { try StreamRecord.read($0).sorted { ($0.peer ?? "") < ($1.peer ?? "") } }
            #expect(records[0] == records[1])
            #expect(records[0].allSatisfy { $0.end == "whole" })
            ledger.expectWhole()
        }
    }
}
