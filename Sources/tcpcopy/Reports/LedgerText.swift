import ReplayEngine

/// The ledger as an operator reads it, at the end and on SIGUSR1.
struct LedgerText {
    let report: LedgerReport

    init(_ report: LedgerReport) { self.report = report }

    var lines: [String] {
        let name = report.transfers.isEmpty ? "Recording" : "Ledger"
        let title = "\(name) \(report.isFinal ? "at the end, " : "")after \(Self.clock(report.elapsed))"
        if report.transfers.isEmpty, let recording = report.recording {
            return [title, captured, Self.line(recording), ""] + LedgerVerdict(report).lines
        }
        var lines = [title]
        if report.transfers.count > 1 {
            for part in report.transfers { lines += ["", part.transfer] + table(part.ledger) }
            lines += ["", "all transfers"] + table(report.total)
        } else {
            lines += report.transfers.map(\.transfer) + table(report.total)
        }
        return lines + [""] + carriers + shares + [""] + LedgerVerdict(report).lines
    }

    /// What each shard carried, where there are several.
    private var shares: [String] {
        guard report.shards.count > 1 else { return [] }
        let exchanges = report.shards.reduce(0) { $0 + $1.exchanges }
        var table = TextTable()
        table.add("shard", "exchanges", "share", "packets")
        for (index, shard) in report.shards.enumerated() {
            let percent = exchanges == 0 ? 0 : (shard.exchanges * 100 + exchanges / 2) / exchanges
            table.add("  \(index)", shard.exchanges.grouped, "\(percent) %", shard.packets.grouped)
        }
        return [""] + table.lines
    }

    private func table(_ ledger: Ledger) -> [String] {
        let accounts = [ledger.exchanges, ledger.sessions]
        var table = TextTable()
        table.add("", "exchanges", "sessions")
        table.add("captured", accounts.map(\.captured))
        table.add("  not selected", accounts.map(\.notSelected))
        table.add("  selected", accounts.map(\.selected))
        table.add("replayed (selected x copies)", accounts.map(\.replayed))
        table.add("  answered, carried through", accounts.map(\.answered))
        if ledger.exchanges.silent != 0 { table.add("  silent", accounts.map(\.silent)) }
        table.add("  failed", accounts.map(\.failed))
        for reason in FailureReason.allCases where accounts.contains(where: { $0[failed: reason] != 0 }) {
            table.add("    \(reason.words)", accounts.map { $0[failed: reason] })
        }
        table.add("  shed", accounts.map(\.shed))
        for reason in ShedReason.allCases where accounts.contains(where: { $0[shed: reason] != 0 }) {
            table.add("    \(reason.words)", accounts.map { $0[shed: reason] })
        }
        table.add("  in flight", accounts.map(\.inFlight))
        return table.lines + [
            "released unanswered \(ledger.releasedUnanswered.grouped), connections reopened \(ledger.reopenings.grouped), "
                + "segments sent again \(ledger.retransmissions.grouped)"
        ] + (ledger.lateness.count > 0 ? [LatenessFigures(ledger.lateness).line] : [])
    }

    private var captured: String {
        let capture = report.capture
        let segments = report.transfers.isEmpty ? "" : "segments \(capture.segments.grouped), "
        return "capture    frames \(capture.frames.grouped), \(segments)"
            + (capture.datagrams > 0 ? "datagrams \(capture.datagrams.grouped), " : "")
            + (capture.joinedFragments > 0 ? "joined fragments \(capture.joinedFragments.grouped), " : "")
            + "kernel drops \(capture.kernelDrops.grouped), interface drops \(capture.interfaceDrops.grouped)"
            + Self.list(", ignored:", capture.ignored)
    }

    private static func line(_ recording: RecordingFigures) -> String {
        "recording  frames \(recording.frames.grouped), bytes \(recording.bytes.grouped), files "
            + "\(recording.files.grouped), dropped \(recording.dropped.grouped)"
    }

    /// What carried the traffic: capture, recording, injection, relay.
    private var carriers: [String] {
        let (injection, relay) = (report.injection, report.relay)
        return [captured] + (report.recording.map { [Self.line($0)] } ?? []) + [
            "injection  packets \(injection.packets.grouped), bytes \(injection.bytes.grouped), "
                + "retries \(injection.retries.grouped)" + Self.list(", refused:", injection.refused),
            "relay      headers \(relay.headers.grouped), bytes \(relay.bytes.grouped), "
                + "connections \(relay.connections.grouped), reconnections \(relay.reconnections.grouped)",
        ]
    }

    private static func list(_ title: String, _ counts: [String: Int]) -> String {
        let parts = counts.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.grouped)" }
        return parts.isEmpty ? "" : "\(title) \(parts.joined(separator: ", "))"
    }

    /// `12.3 s`, `02:03` (minutes and seconds), `1:02:03`.
    static func clock(_ elapsed: Duration) -> String {
        let seconds = Int(elapsed.components.seconds)
        guard seconds >= 60 else {
            return "\(seconds).\(elapsed.components.attoseconds / 100_000_000_000_000_000) s"
        }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let tail = "\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        return seconds < 3600 ? tail : "\(seconds / 3600):\(tail)"
    }
}
