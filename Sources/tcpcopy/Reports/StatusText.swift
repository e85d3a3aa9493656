import ReplayEngine

/// How the replay goes right now: a line for a terminal, a block for a log.
struct StatusText {
    private let report: LedgerReport
    /// Exchanges captured and answered per second since the report before.
    private let capturedRate: Int
    private let answeredRate: Int

    /// `previous` is the report that was shown before; nil at the first time.
    init(_ report: LedgerReport, since previous: LedgerReport?) {
        self.report = report
        let seconds = (report.elapsed - (previous?.elapsed ?? .zero)) / .seconds(1)
        func rate(_ now: Int, _ before: Int?) -> Int { seconds > 0 ? Int(Double(now - (before ?? 0)) / seconds) : 0 }
        let (now, before) = (report.total.exchanges, previous?.total.exchanges)
        capturedRate = rate(now.captured, before?.captured)
        answeredRate = rate(now.answered, before?.answered)
    }

    /// Under 100 columns as long as no figure passes a hundred million.
    var line: String {
        let exchanges = report.total.exchanges
        if let playback = report.playback { return progress(playback) }
        if report.transfers.isEmpty, let recording = report.recording {
            return
                "\(LedgerText.clock(report.elapsed))  \(Self.words(recording))  drops \(report.capture.kernelDrops.grouped)"
        }
        return
            "\(LedgerText.clock(report.elapsed))  \(answeredRate.grouped)/s  answered \(exchanges.answered.grouped)  "
            + "failed \(exchanges.failed.grouped)  shed \(exchanges.shed.grouped)  "
            + "in flight \(exchanges.inFlight.grouped)  drops \(report.capture.kernelDrops.grouped)"
    }

    /// `[########------------]  40%  exchanges 1,234  100/s  failed 0  00:30 left`.
    private func progress(_ playback: PlaybackProgress) -> String {
        let exchanges = report.total.exchanges
        let figures = [
            playback.rounds == 1 ? nil : "round \(playback.round)", "exchanges \(exchanges.answered.grouped)",
            "\(answeredRate.grouped)/s", "failed \((exchanges.failed + exchanges.shed).grouped)", timeLeft(playback),
        ]
        return ([bar(playback)] + figures.compactMap { $0 }).joined(separator: "  ")
    }

    private func bar(_ playback: PlaybackProgress) -> String {
        guard let share = playback.share else { return LedgerText.clock(report.elapsed) }
        let width = 20
        let done = Int(share * Double(width))
        let percent = "\(Int(share * 100))"
        let bar = String(repeating: "#", count: done) + String(repeating: "-", count: width - done)
        return "[\(bar)] " + String(repeating: " ", count: 3 - percent.count) + percent + "%"
    }

    /// As if it went on at the pace it had so far.
    private func timeLeft(_ playback: PlaybackProgress) -> String? {
        guard let share = playback.wholeShare, share > 0.001 else { return nil }
        return "\(LedgerText.clock(report.elapsed * ((1 - share) / share))) left"
    }

    /// `files: round 2 of 3, 40% read`.
    private var files: [String] {
        guard let playback = report.playback else { return [] }
        let rounds = playback.rounds == 0 ? "" : " of \(playback.rounds)"
        let share = playback.share.map { ", \(Int($0 * 100))% read" } ?? ""
        return ["files: round \(playback.round)\(rounds)\(share)"]
    }

    private static func words(_ recording: RecordingFigures) -> String {
        "recorded \(recording.frames.grouped) frames, \(recording.bytes.grouped) bytes, dropped \(recording.dropped.grouped)"
    }

    var block: [String] {
        let recorded = report.recording.map { [Self.words($0)] } ?? []
        guard !report.transfers.isEmpty || recorded.isEmpty else { return recorded }
        let (exchanges, sessions) = (report.total.exchanges, report.total.sessions)
        return files + recorded + [
            "exchanges: captured \(exchanges.captured.grouped) (\(capturedRate.grouped)/s), answered "
                + "\(exchanges.answered.grouped) (\(answeredRate.grouped)/s), failed \(exchanges.failed.grouped), "
                + "shed \(exchanges.shed.grouped), in flight \(exchanges.inFlight.grouped)",
            "sessions: captured \(sessions.captured.grouped), carried through \(sessions.answered.grouped), failed "
                + "\(sessions.failed.grouped), shed \(sessions.shed.grouped), in flight \(sessions.inFlight.grouped)",
            "packets: captured \(report.capture.segments.grouped), dropped by the kernel "
                + "\(report.capture.kernelDrops.grouped), injected \(report.injection.packets.grouped), "
                + "refused \(report.injection.refused.values.reduce(0, +).grouped), "
                + "headers relayed \(report.relay.headers.grouped)",
        ]
    }
}
