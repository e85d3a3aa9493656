import ReplayEngine

/// What the ledger means: everything answered, or what failed, why, and what to do about it.
struct LedgerVerdict {
    let report: LedgerReport

    init(_ report: LedgerReport) { self.report = report }

    var lines: [String] {
        guard report.balances else { return imbalances }
        if report.transfers.isEmpty, let recording = report.recording { return [verdict(recording)] + warnings }
        let exchanges = report.total.exchanges
        guard exchanges.captured > 0 else { return [nothingCaptured] + warnings }
        let missing =
            exchanges.failed + exchanges.shed + (report.isFinal ? exchanges.inFlight : 0) + report.unansweredDatagrams
        guard missing > 0 else { return [allWell] + warnings }
        return ["\(missing.grouped) of \(exchanges.replayed.grouped) exchanges were not answered:"] + reasons + warnings
    }

    private var reasons: [String] {
        let exchanges = report.total.exchanges
        let isLive = report.playback == nil
        let failures = FailureReason.allCases.map {
            (exchanges[failed: $0], $0.words, isLive ? $0.hint : $0.hintForFiles)
        }
        let sheddings = ShedReason.allCases.map { (exchanges[shed: $0], "shed: " + $0.words, $0.hint) }
        let open = (
            report.isFinal ? exchanges.inFlight : 0, "still in flight", "The replay ended before their answers."
        )
        let silent = (
            report.unansweredDatagrams, "datagrams that nobody answered in time",
            "They, or their answers, were lost, or the target does not answer all of them: does online?"
        )
        return ([silent] + failures + sheddings + [open]).filter { $0.0 != 0 }.map { count, words, hint in
            "  \(count.grouped) \(words). \(hint)"
        }
    }

    /// Of datagrams on a one-way transfer no more is known than that they were sent.
    private var allWell: String {
        let exchanges = report.total.exchanges
        let wait = exchanges.inFlight == 0 ? "" : ", save \(exchanges.inFlight.grouped) on their way"
        let sent = exchanges.silent == 0 ? "" : ", or sent where no answer is awaited (\(exchanges.silent.grouped))"
        return "Every selected exchange was answered\(sent)\(wait)."
    }

    private var warnings: [String] {
        var lines: [String] = []
        if report.capture.kernelDrops > 0 {
            lines.append(
                "The kernel dropped \(report.capture.kernelDrops.grouped) captured frames: what was in them is not in "
                    + "the \(report.transfers.isEmpty ? "recording" : "ledger"). Raise -B.")
        }
        if let recording = report.recording, recording.dropped > 0, !report.transfers.isEmpty {
            lines.append("\(missing(in: recording)) The replay had them.")
        }
        if let segments = report.capture.ignored["beyondMemory"] {
            lines.append(
                "\(segments.grouped) captured segments belong to connections that there was no memory to follow: they are not "
                    + "in the ledger. Raise -m, or replay less (-r, -n).")
        }
        let fragments = ["fragmentsAbandoned", "fragmentsTimedOut"].reduce(0) { $0 + (report.capture.ignored[$1] ?? 0) }
        if fragments > 0, report.playback != nil || report.unansweredDatagrams > 0 {
            lines.append(
                "\(fragments.grouped) fragments were left of packets that were not captured whole: if they were for a transfer, these are "
                    + "not in the ledger. A filter on ports lets first fragments through only.")
        }
        if let frames = report.capture.ignored["unreadableLink"] {
            lines.append(
                "\(frames.grouped) frames are of a link type that is not read (docs/offline.md): what was in them is not in the ledger."
            )
        }
        let refused = report.injection.refused.values.reduce(0, +)
        if refused > 0 {
            lines.append("The kernel refused \(refused.grouped) packets to the target; docs/limits.md says why it may.")
        }
        return lines
    }

    private func missing(in recording: RecordingFigures) -> String {
        let reason = report.recordingFailure.map { "\($0)" } ?? "the disk did not take them in time"
        return "\(recording.dropped.grouped) captured frames are missing in the recording: \(reason)."
    }

    private func verdict(_ recording: RecordingFigures) -> String {
        guard recording.dropped == 0 else { return missing(in: recording) }
        return recording.frames == 0
            ? "Nothing was captured: -i or -F looks elsewhere." : "Every captured frame was recorded."
    }

    private var nothingCaptured: String {
        guard report.playback == nil else {
            return report.capture.frames == 0
                ? "Nothing was played."
                : "No exchange is in what was played: compare the address and the port in -x with the files'."
        }
        return report.capture.frames == 0
            ? "Nothing was captured: no client talked to the online endpoint, or -i or -F looks elsewhere."
            : "No exchange was captured: clients sent packets, but no request."
    }

    /// Every sum that does not come out, with its terms.
    private var imbalances: [String] {
        var lines = ["The ledger does not balance. This is a mistake in tcpcopy; please report it with these lines:"]
        for part in report.transfers {
            for (kind, account) in [("exchanges", part.ledger.exchanges), ("sessions", part.ledger.sessions)] {
                if account.captured != account.selected + account.notSelected {
                    lines.append(
                        "  \(part.transfer), \(kind): captured \(account.captured), "
                            + "but selected \(account.selected) + not selected \(account.notSelected)")
                }
                if account.replayed != account.answered + account.silent + account.failed + account.shed
                    + account.inFlight
                {
                    lines.append(
                        "  \(part.transfer), \(kind): replayed \(account.replayed), but answered \(account.answered) "
                            + "+ silent \(account.silent) + failed \(account.failed) + shed \(account.shed) + in flight \(account.inFlight)"
                    )
                }
            }
        }
        return lines
    }
}
