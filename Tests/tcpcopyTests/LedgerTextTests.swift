import OperatorInterface
import ReplayEngine
import Testing

@testable import tcpcopy

extension Account {
    /// An account in which everything that was captured was replayed once.
    static func of(captured: Int, answered: Int, inFlight: Int = 0, failed: [FailureReason: Int] = [:]) -> Account {
        var account = Account()
        account.captured = captured
        account.selected = captured
        account.replayed = captured
        account.answered = answered
        account.inFlight = inFlight
        for (reason, count) in failed { account[failed: reason] = count }
        return account
    }
}

/// One transfer, all well.
private func soundReport() -> LedgerReport {
    var ledger = Ledger()
    ledger.exchanges = .of(captured: 90_000, answered: 90_000)
    ledger.sessions = .of(captured: 120, answered: 120)
    var report = LedgerReport(transfers: [.init(transfer: "80-10.0.0.3:8080", ledger: ledger)])
    report.elapsed = .milliseconds(12_345)
    report.isFinal = true
    report.capture.frames = 180_243
    report.capture.segments = 180_240
    report.capture.ignored = ["notTCP": 3]
    report.injection.packets = 181_000
    report.injection.bytes = 23_456_789
    report.relay.headers = 91_234
    report.relay.bytes = 4_000_000
    report.relay.connections = 1
    return report
}

@Test func `a ledger in which all was answered says so`() {
    let report = soundReport()
    #expect(report.exitStatus == .success)
    #expect(
        LedgerText(report).lines.joined(separator: "\n") == """
            Ledger at the end, after 12.3 s
            80-10.0.0.3:8080
                                          exchanges  sessions
            captured                         90,000       120
              not selected                        0         0
              selected                       90,000       120
            replayed (selected x copies)     90,000       120
              answered, carried through      90,000       120
              failed                              0         0
              shed                                0         0
              in flight                           0         0
            released unanswered 0, connections reopened 0, segments sent again 0

            capture    frames 180,243, segments 180,240, kernel drops 0, interface drops 0, ignored: notTCP 3
            injection  packets 181,000, bytes 23,456,789, retries 0
            relay      headers 91,234, bytes 4,000,000, connections 1, reconnections 0

            Every selected exchange was answered.
            """)
}

@Test func `a recording beside the replay has its line, and what it lacks is told`() {
    var report = soundReport()
    report.recording = RecordingFigures(frames: 180_000, bytes: 23_456_789, files: 3, dropped: 0)
    #expect(report.exitStatus == .success)
    let lines = LedgerText(report).lines
    #expect(lines.contains("recording  frames 180,000, bytes 23,456,789, files 3, dropped 0"))
    #expect(lines.last == "Every selected exchange was answered.")
    report.recording?.dropped = 1_243
    #expect(report.exitStatus == .success)
    let missing = "1,243 captured frames are missing in the recording:"
    #expect(
        LedgerVerdict(report).lines.last
            == "\(missing) the disk did not take them in time. The replay had them.")
    report.recordingFailure = Refusal("--record: cannot write a.pcapng: No space left on device")
    #expect(
        LedgerVerdict(report).lines.last
            == "\(missing) --record: cannot write a.pcapng: No space left on device. The replay had them.")
}

@Test func `a recording alone is told without a ledger`() {
    var report = LedgerReport(elapsed: .milliseconds(12_345), isFinal: true, transfers: [])
    report.capture.frames = 180_243
    report.recording = RecordingFigures(frames: 180_243, bytes: 23_456_789, files: 1)
    #expect(report.exitStatus == .success)
    #expect(
        LedgerText(report).lines.joined(separator: "\n") == """
            Recording at the end, after 12.3 s
            capture    frames 180,243, kernel drops 0, interface drops 0
            recording  frames 180,243, bytes 23,456,789, files 1, dropped 0

            Every captured frame was recorded.
            """)
    report.capture.kernelDrops = 2
    #expect(report.exitStatus == .incomplete)
    #expect(
        LedgerVerdict(report).lines.last
            == "The kernel dropped 2 captured frames: what was in them is not in the recording. Raise -B.")
    report.capture.kernelDrops = 0
    report.recording?.dropped = 3
    #expect(report.exitStatus == .incomplete)
    #expect(
        LedgerVerdict(report).lines
            == ["3 captured frames are missing in the recording: the disk did not take them in time."])
    report.recording = RecordingFigures(files: 1)
    #expect(LedgerVerdict(report).lines == ["Nothing was captured: -i or -F looks elsewhere."])
}

@Test func `where there are several shards, the ledger says what each carried`() {
    var report = soundReport()
    report.shards = [.init(exchanges: 90_000, packets: 181_000)]
    let alone = LedgerText(report).lines
    report.shards = [.init(exchanges: 44_010, packets: 88_500), .init(exchanges: 45_990, packets: 92_500)]
    let lines = LedgerText(report).lines
    #expect(
        lines.filter { !alone.contains($0) } == [
            "shard  exchanges  share  packets", "  0       44,010   49 %   88,500",
            "  1       45,990   51 %   92,500",
        ])
    #expect(lines.count == alone.count + 4)
}

@Test func `a ledger with failures says what failed, why, and what to do`() {
    var report = soundReport()
    report.transfers[0].ledger.exchanges = .of(
        captured: 1000, answered: 989, failed: [.captureHole: 4, .resetByTarget: 6])
    report.transfers[0].ledger.exchanges[shed: .memory] = 1
    report.capture.kernelDrops = 12
    report.injection.refused = ["EPERM": 2]
    #expect(report.exitStatus == .incomplete)
    #expect(
        LedgerVerdict(report).lines == [
            "11 of 1,000 exchanges were not answered:",
            "  6 reset by the target. The service reset connections that online kept: its own log says why.",
            "  4 bytes lost by capture. Capture could not keep up or missed packets: raise -B, listen on fewer interfaces.",
            "  1 shed: memory in use. The target cannot keep up and -m is reached: give more memory, or the target less traffic.",
            "The kernel dropped 12 captured frames: what was in them is not in the ledger. Raise -B.",
            "The kernel refused 2 packets to the target; docs/limits.md says why it may.",
        ])
    let text = LedgerText(report).lines
    #expect(text.contains("    reset by the target               6         0"))
    #expect(text.contains("    memory in use                     1         0"))
    #expect(text.contains("injection  packets 181,000, bytes 23,456,789, retries 0, refused: EPERM 2"))
}

@Test func `datagrams that nobody answered are told apart, and missed where somebody should have answered`() {
    var report = soundReport()
    report.capture.datagrams = 5
    report.transfers[0].ledger.exchanges.answered -= 5
    report.transfers[0].ledger.exchanges.silent += 5
    let lines = LedgerText(report).lines
    #expect(lines.contains { $0.split(separator: " ") == ["silent", "5", "0"] })
    #expect(lines.contains { $0.contains("segments 180,240, datagrams 5, kernel drops") })
    #expect(
        lines.suffix(2) == [
            "5 of 90,000 exchanges were not answered:",
            "  5 datagrams that nobody answered in time. They, or their answers, were lost, or the target does not answer all of "
                + "them: does online?",
        ])
    #expect(report.exitStatus == .incomplete)
    report.transfers[0].isOneWay = true
    #expect(
        LedgerText(report).lines.last
            == "Every selected exchange was answered, or sent where no answer is awaited (5).")
    #expect(report.exitStatus == .success)
}

@Test func `several transfers have a table each and one together`() {
    var report = soundReport()
    report.transfers.append(.init(transfer: "443-10.0.0.3:8443", ledger: report.transfers[0].ledger))
    let lines = LedgerText(report).lines
    #expect(lines.filter { $0 == "captured                         90,000       120" }.count == 2)
    #expect(lines.contains("captured                        180,000       240"))
    #expect(lines.filter { ["80-10.0.0.3:8080", "443-10.0.0.3:8443", "all transfers"].contains($0) }.count == 3)
}

@Test func `an exchange on its way is no failure until the end`() {
    var report = soundReport()
    report.transfers[0].ledger.exchanges = .of(captured: 10, answered: 9, inFlight: 1)
    report.isFinal = false
    #expect(LedgerVerdict(report).lines == ["Every selected exchange was answered, save 1 on their way."])
    report.isFinal = true
    #expect(
        LedgerVerdict(report).lines == [
            "1 of 10 exchanges were not answered:", "  1 still in flight. The replay ended before their answers.",
        ])
    #expect(report.exitStatus == .incomplete)
}

@Test func `when nothing was captured, the verdict says where to look`() {
    var report = LedgerReport(transfers: [.init(transfer: "80-10.0.0.3:8080", ledger: Ledger())])
    #expect(
        LedgerVerdict(report).lines == [
            "Nothing was captured: no client talked to the online endpoint, or -i or -F looks elsewhere."
        ])
    report.capture.frames = 1
    #expect(LedgerVerdict(report).lines == ["No exchange was captured: clients sent packets, but no request."])
    #expect(report.exitStatus == .success)
}

@Test func `one wrong count in any place makes the ledger fail, and the program with it`() {
    let wrongs: [WritableKeyPath<Account, Int>] = [
        \.captured, \.notSelected, \.selected, \.replayed, \.answered, \.silent, \.inFlight, \.[failed: .captureHole],
        \.[shed: .memory],
    ]
    for account in [\Ledger.exchanges, \Ledger.sessions] {
        for wrong in wrongs {
            var report = soundReport()
            report.transfers.append(.init(transfer: "443-10.0.0.3:8443", ledger: Ledger()))
            #expect(report.balances)
            report.transfers[1].ledger[keyPath: account][keyPath: wrong] += 1
            #expect(!report.balances)
            #expect(report.exitStatus == .software)
            let lines = LedgerVerdict(report).lines
            #expect(lines[0].hasPrefix("The ledger does not balance."))
            #expect(lines.count == 2 && lines[1].hasPrefix("  443-10.0.0.3:8443, "))
        }
    }
}

@Test func `a ledger that does not balance shows the sum that does not come out`() {
    var report = soundReport()
    report.transfers[0].ledger.exchanges.answered -= 1
    #expect(
        LedgerVerdict(report).lines == [
            "The ledger does not balance. This is a mistake in tcpcopy; please report it with these lines:",
            "  80-10.0.0.3:8080, exchanges: replayed 90000, but answered 89999 + silent 0 + failed 0 + shed 0 + in flight 0",
        ])
}

@Test func `errors in two transfers that cancel out are still errors`() {
    var report = soundReport()
    report.transfers.append(report.transfers[0])
    report.transfers[0].ledger.exchanges.answered += 1
    report.transfers[1].ledger.exchanges.answered -= 1
    #expect(report.total.balances)
    #expect(report.exitStatus == .software)
}

@Test func `every reason has words and a hint of its own`() {
    let words = FailureReason.allCases.map(\.words) + ShedReason.allCases.map(\.words)
    let hints = FailureReason.allCases.map(\.hint) + ShedReason.allCases.map(\.hint)
    #expect(Set(words).count == words.count)
    #expect(Set(hints).count == hints.count)
    #expect(hints.allSatisfy { $0.hasSuffix(".") })
}

@Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000")])
func `large numbers are cut into groups of three digits`(number: Int, text: String) {
    #expect(number.grouped == text)
}

@Test(arguments: [
    (0, "0.0 s"), (59_999, "59.9 s"), (60_000, "01:00"), (3_599_999, "59:59"), (3_600_000, "1:00:00"),
    (363_725_000, "101:02:05"),
])
func `time since the start reads as a clock`(milliseconds: Int, text: String) {
    #expect(LedgerText.clock(.milliseconds(milliseconds)) == text)
}

@Test func `what concerns files is told where files are played`() {
    var report = soundReport()
    report.transfers[0].ledger.exchanges = .of(
        captured: 1000, answered: 998, failed: [.captureHole: 1, .captureTruncated: 1])
    report.capture.ignored = ["unreadableLink": 1200, "fragmentsTimedOut": 2, "fragmentsAbandoned": 3]
    let live = LedgerVerdict(report).lines.joined(separator: "\n")
    #expect(live.contains("raise -B") && live.contains("longer than -S") && !live.contains("fragments"))
    report.playback = PlaybackProgress(share: 1, round: 1, rounds: 1)
    let files = LedgerVerdict(report).lines.joined(separator: "\n")
    #expect(files.contains("tcpdump -s 0") && !files.contains("raise") && !files.contains("-S:"))
    #expect(
        files.contains("1,200 frames are of a link type that is not read") && files.contains("5 fragments were left"))
    report.transfers[0].ledger.exchanges = .of(captured: 0, answered: 0, failed: [:])
    #expect(LedgerVerdict(report).lines[0].contains("compare the address and the port in -x"))
    report.capture.frames = 0
    #expect(LedgerVerdict(report).lines[0] == "Nothing was played.")
}
