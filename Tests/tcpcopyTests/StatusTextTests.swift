import ReplayEngine
import Testing

@testable import tcpcopy

private func report(seconds: Int, captured: Int, answered: Int) -> LedgerReport {
    var ledger = Ledger()
    ledger.exchanges = .of(captured: captured, answered: answered, inFlight: captured - answered)
    ledger.sessions = .of(captured: 3, answered: 1, inFlight: 2)
    var report = LedgerReport(transfers: [.init(transfer: "80-10.0.0.3:80", ledger: ledger)])
    report.elapsed = .seconds(seconds)
    report.capture.kernelDrops = 7
    report.injection.refused = ["EPERM": 1, "EMSGSIZE": 2]
    return report
}

@Test func `the status line shows what happened since the one before`() {
    let before = report(seconds: 10, captured: 1000, answered: 1000)
    let now = report(seconds: 12, captured: 19_000, answered: 18_990)
    #expect(
        StatusText(now, since: before).line
            == "12.0 s  8,995/s  answered 18,990  failed 0  shed 0  in flight 10  drops 7")
}

@Test func `the first status counts from the start`() {
    #expect(StatusText(report(seconds: 10, captured: 1000, answered: 500), since: nil).line.contains("  50/s  "))
    #expect(StatusText(report(seconds: 0, captured: 1000, answered: 500), since: nil).line.contains("  0/s  "))
}

@Test func `a status block tells of exchanges, sessions and packets`() {
    let now = report(seconds: 30, captured: 300, answered: 270)
    #expect(
        StatusText(now, since: nil).block == [
            "exchanges: captured 300 (10/s), answered 270 (9/s), failed 0, shed 0, in flight 30",
            "sessions: captured 3, carried through 1, failed 0, shed 0, in flight 2",
            "packets: captured 0, dropped by the kernel 7, injected 0, refused 3, headers relayed 0",
        ])
}

@Test func `a status tells of a recording, and of nothing else where that is all`() {
    var now = report(seconds: 30, captured: 300, answered: 270)
    now.recording = RecordingFigures(frames: 1_000, bytes: 90_000, files: 1, dropped: 4)
    #expect(StatusText(now, since: nil).block.count == 4)
    #expect(StatusText(now, since: nil).block.first == "recorded 1,000 frames, 90,000 bytes, dropped 4")
    now.transfers = []
    #expect(StatusText(now, since: nil).block == ["recorded 1,000 frames, 90,000 bytes, dropped 4"])
    #expect(StatusText(now, since: nil).line == "30.0 s  recorded 1,000 frames, 90,000 bytes, dropped 4  drops 7")
}

@Test func `the progress of files shows share, exchanges, rate and time left`() {
    var now = report(seconds: 30, captured: 1000, answered: 900)
    now.playback = PlaybackProgress(share: 0.25)
    #expect(
        StatusText(now, since: nil).line
            == "[#####---------------]  25%  exchanges 900  30/s  failed 0  01:30 left")
    #expect(StatusText(now, since: nil).block.first == "files: round 1 of 1, 25% read")
    now.playback = PlaybackProgress(share: 0.5, round: 2, rounds: 3)
    #expect(
        StatusText(now, since: nil).line
            == "[##########----------]  50%  round 2  exchanges 900  30/s  failed 0  30.0 s left")
    now.playback = PlaybackProgress(share: nil, round: 2, rounds: 0)
    #expect(StatusText(now, since: nil).line == "30.0 s  round 2  exchanges 900  30/s  failed 0")
    #expect(StatusText(now, since: nil).block.first == "files: round 2")
}
