import FoundationEssentials
import OperatorInterface
import ReplayEngine

/// The ledger for programs: one JSON object, version 1 (docs/ledger.md).
struct LedgerJSON {
    let report: LedgerReport

    init(_ report: LedgerReport) { self.report = report }

    /// With its keys in order and a line break at its end.
    var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(Whole(report)), as: UTF8.self) + "\n"
        }
    }

    /// Replaces the file at once: who reads it finds the old ledger or the new one, never half of one.
    func write(to path: String) throws(Refusal) {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Refusal("--ledger \(path): cannot write the ledger: \(error)", .systemError)
        }
    }
}

private struct Whole: Encodable {
    let version = 1
    let final: Bool
    let seconds: Double
    let balances: Bool
    let exchanges: Figures
    let sessions: Figures
    let releasedUnanswered: Int
    let reopenings: Int
    let retransmissions: Int
    let lateness: LatenessFigures
    let transfers: [Part]
    let capture: CaptureFigures
    let recording: RecordingFigures?
    let injection: InjectionFigures
    let relay: RelayFigures
    let shards: [LedgerReport.ShardShare]

    init(_ report: LedgerReport) {
        let total = report.total
        final = report.isFinal
        seconds = Double(report.elapsed / .milliseconds(1)).rounded() / 1000
        balances = report.balances
        exchanges = Figures(total.exchanges)
        sessions = Figures(total.sessions)
        releasedUnanswered = total.releasedUnanswered
        reopenings = total.reopenings
        retransmissions = total.retransmissions
        lateness = LatenessFigures(total.lateness)
        transfers = report.transfers.map(Part.init)
        capture = report.capture
        recording = report.recording
        injection = report.injection
        relay = report.relay
        shards = report.shards
    }
}

private struct Part: Encodable {
    let transfer: String
    let balances: Bool
    let exchanges: Figures
    let sessions: Figures
    let releasedUnanswered: Int
    let reopenings: Int
    let retransmissions: Int
    let lateness: LatenessFigures

    init(_ part: LedgerReport.TransferLedger) {
        transfer = part.transfer
        balances = part.ledger.balances
        exchanges = Figures(part.ledger.exchanges)
        sessions = Figures(part.ledger.sessions)
        releasedUnanswered = part.ledger.releasedUnanswered
        reopenings = part.ledger.reopenings
        retransmissions = part.ledger.retransmissions
        lateness = LatenessFigures(part.ledger.lateness)
    }
}

private struct Figures: Encodable {
    let captured: Int
    let notSelected: Int
    let selected: Int
    let replayed: Int
    let answered: Int
    let silent: Int
    let inFlight: Int
    /// Only reasons that occurred.
    let failed: [String: Int]
    let shed: [String: Int]

    init(_ account: Account) {
        captured = account.captured
        notSelected = account.notSelected
        selected = account.selected
        replayed = account.replayed
        answered = account.answered
        silent = account.silent
        inFlight = account.inFlight
        failed = Self.occurring(FailureReason.allCases) { account[failed: $0] }
        shed = Self.occurring(ShedReason.allCases) { account[shed: $0] }
    }

    private static func occurring<Reason>(_ reasons: [Reason], _ count: (Reason) -> Int) -> [String: Int] {
        let counts = reasons.map { ("\($0)", count($0)) }.filter { $0.1 > 0 }
        return Dictionary(uniqueKeysWithValues: counts)
    }
}
