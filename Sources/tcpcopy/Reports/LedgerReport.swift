import OperatorInterface
import ReplayEngine

/// All that is known at one moment about what became of the captured traffic.
struct LedgerReport: Equatable, Sendable {
    /// One transfer's part of it.
    struct TransferLedger: Equatable, Sendable {
        /// As `-x` names it.
        var transfer: String
        /// Whether nobody is expected to answer.
        var isOneWay = false
        var ledger: Ledger
    }

    /// What one shard carried.
    struct ShardShare: Encodable, Equatable, Sendable {
        /// Exchanges chosen for replay, times their copies.
        var exchanges: Int
        /// Packets injected.
        var packets: Int
    }

    /// Since the start.
    var elapsed = Duration.zero
    /// Whether nothing will be added any more.
    var isFinal = false
    var transfers: [TransferLedger]
    /// How far files have been played; nil for live traffic.
    var playback: PlaybackProgress?
    /// Why a file could not be played to its end.
    var playbackFailure: Refusal?
    var capture = CaptureFigures()
    /// Nil where nothing is recorded.
    var recording: RecordingFigures?
    /// Why nothing more is recorded.
    var recordingFailure: Refusal?
    var injection = InjectionFigures()
    var relay = RelayFigures()
    /// In the order of their slices.
    var shards: [ShardShare] = []

    /// All transfers taken together.
    var total: Ledger { transfers.reduce(into: Ledger()) { $0 += $1.ledger } }

    var balances: Bool { transfers.allSatisfy(\.ledger.balances) }

    /// Datagrams that nobody answered though somebody should have.
    var unansweredDatagrams: Int { transfers.reduce(0) { $0 + ($1.isOneWay ? 0 : $1.ledger.exchanges.silent) } }

    /// The status to exit with: an exchange that is still in flight at the end was not answered. What a recording lacks
    /// counts where recording was all there was to do.
    var exitStatus: ExitStatus {
        guard balances else { return .software }
        if transfers.isEmpty, let recording {
            return recording.dropped + capture.kernelDrops == 0 ? .success : .incomplete
        }
        let exchanges = total.exchanges
        let missing = exchanges.failed + exchanges.shed + exchanges.inFlight + unansweredDatagrams
        return missing == 0 && capture.ignored["beyondMemory"] == nil ? .success : .incomplete
    }
}
