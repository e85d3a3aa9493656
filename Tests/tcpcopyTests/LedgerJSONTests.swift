import FoundationEssentials
import OperatorInterface
import ReplayEngine
import Testing

@testable import tcpcopy

private func report() -> LedgerReport {
    var ledger = Ledger()
    ledger.exchanges = .of(captured: 5, answered: 4, failed: [.resetByTarget: 1])
    ledger.sessions = .of(captured: 1, answered: 1)
    ledger.reopenings = 2
    var report = LedgerReport(transfers: [.init(transfer: "80-[2001:db8::3]:80", ledger: ledger)])
    report.elapsed = .milliseconds(12_345)
    report.isFinal = true
    report.injection.refused = ["EPERM": 3]
    report.shards = [.init(exchanges: 2, packets: 9), .init(exchanges: 3, packets: 11)]
    return report
}

@Test func `the ledger as JSON has the shape that programs rely on`() throws {
    #expect(
        try LedgerJSON(report()).text == """
            {
              "balances" : true,
              "capture" : {
                "datagrams" : 0,
                "frames" : 0,
                "ignored" : {

                },
                "interfaceDrops" : 0,
                "joinedFragments" : 0,
                "kernelDrops" : 0,
                "segments" : 0
              },
              "exchanges" : {
                "answered" : 4,
                "captured" : 5,
                "failed" : {
                  "resetByTarget" : 1
                },
                "inFlight" : 0,
                "notSelected" : 0,
                "replayed" : 5,
                "selected" : 5,
                "shed" : {

                },
                "silent" : 0
              },
              "final" : true,
              "injection" : {
                "bytes" : 0,
                "packets" : 0,
                "refused" : {
                  "EPERM" : 3
                },
                "retries" : 0
              },
              "lateness" : {
                "exchanges" : 0,
                "largestMicroseconds" : 0,
                "p50Microseconds" : 0,
                "p99Microseconds" : 0
              },
              "relay" : {
                "bytes" : 0,
                "connections" : 0,
                "headers" : 0,
                "reconnections" : 0
              },
              "releasedUnanswered" : 0,
              "reopenings" : 2,
              "retransmissions" : 0,
              "seconds" : 12.345,
              "sessions" : {
                "answered" : 1,
                "captured" : 1,
                "failed" : {

                },
                "inFlight" : 0,
                "notSelected" : 0,
                "replayed" : 1,
                "selected" : 1,
                "shed" : {

                },
                "silent" : 0
              },
              "shards" : [
                {
                  "exchanges" : 2,
                  "packets" : 9
                },
                {
                  "exchanges" : 3,
                  "packets" : 11
                }
              ],
              "transfers" : [
                {
                  "balances" : true,
                  "exchanges" : {
                    "answered" : 4,
                    "captured" : 5,
                    "failed" : {
                      "resetByTarget" : 1
                    },
                    "inFlight" : 0,
                    "notSelected" : 0,
                    "replayed" : 5,
                    "selected" : 5,
                    "shed" : {

                    },
                    "silent" : 0
                  },
                  "lateness" : {
                    "exchanges" : 0,
                    "largestMicroseconds" : 0,
                    "p50Microseconds" : 0,
                    "p99Microseconds" : 0
                  },
                  "releasedUnanswered" : 0,
                  "reopenings" : 2,
                  "retransmissions" : 0,
                  "sessions" : {
                    "answered" : 1,
                    "captured" : 1,
                    "failed" : {

                    },
                    "inFlight" : 0,
                    "notSelected" : 0,
                    "replayed" : 1,
                    "selected" : 1,
                    "shed" : {

                    },
                    "silent" : 0
                  },
                  "transfer" : "80-[2001:db8::3]:80"
                }
              ],
              "version" : 1
            }

            """)
}

@Test func `what was recorded stands in the JSON where something is recorded`() throws {
    var report = report()
    #expect(try !LedgerJSON(report).text.contains("\"recording\""))
    report.recording = RecordingFigures(frames: 5, bytes: 600, files: 1, dropped: 2)
    let text = try LedgerJSON(report).text.filter { !$0.isWhitespace }
    #expect(text.contains(#""recording":{"bytes":600,"dropped":2,"files":1,"frames":5}"#))
}

@Test func `a ledger that does not balance says so in JSON, in the transfer and in the whole`() throws {
    var report = report()
    report.transfers[0].ledger.exchanges.answered = 5
    let text = try LedgerJSON(report).text
    #expect(text.components(separatedBy: "\"balances\" : false").count == 3)
}

@Test func `a ledger file is replaced at once, and its folder holds nothing else`() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/ledger-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for elapsed in [1, 2] {
        var report = report()
        report.elapsed = .seconds(elapsed)
        try LedgerJSON(report).write(to: folder + "/ledger.json")
        let text = try String(contentsOfFile: folder + "/ledger.json", encoding: .utf8)
        #expect(try text == LedgerJSON(report).text)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["ledger.json"])
    }
}

@Test func `a ledger that cannot be written is told with its file and the reason`() {
    let refusal = #expect(throws: Refusal.self) { try LedgerJSON(report()).write(to: "/proc/nowhere/ledger") }
    #expect(refusal?.line.hasPrefix("--ledger /proc/nowhere/ledger: cannot write the ledger: ") == true)
}
