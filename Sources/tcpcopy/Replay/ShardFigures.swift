import HeaderRelay
import LinkLayer
import OperatorInterface
import ReplayEngine
import Wire

/// What one shard has done so far.
struct ShardFigures: Sendable {
    /// For each transfer.
    var ledgers: [Ledger]
    var capture: CaptureFigures
    var injection: InjectionFigures
    var relay = RelayFigures()
    /// How far files have been played, by the shard that plays them.
    var playback: PlaybackProgress?
    /// Why a file could not be played to its end.
    var playbackFailure: Refusal?

    /// Call on the shard's event loop.
    init(_ shard: Shard) {
        ledgers = shard.replayer.ledgers
        capture = CaptureFigures(shard)
        injection = InjectionFigures(shard.injection)
        playback = shard.playback?.progress
        playbackFailure = shard.playback?.failure
        for client in shard.relays { relay += RelayFigures(client.statistics) }
    }

    var share: LedgerReport.ShardShare {
        .init(exchanges: ledgers.reduce(0) { $0 + $1.exchanges.replayed }, packets: injection.packets)
    }
}

extension CaptureFigures {
    fileprivate init(_ shard: Shard) {
        let (capturing, unused) = (shard.capturing, shard.replayer.ignored)
        let fragments = shard.fragments.counts
        frames = capturing.frames
        segments = capturing.segments
        datagrams = capturing.datagrams
        joinedFragments = fragments.joined
        for source in shard.sources {
            let statistics = source.statistics
            kernelDrops += statistics.kernelDrops
            interfaceDrops += statistics.interfaceDrops
        }
        let reasons = [
            "notTCP": capturing.otherProtocol, "truncated": capturing.truncated,
            "unreadableLink": capturing.unreadableLink,
            "fragmentsRepeated": fragments.repeated, "fragmentsOverlapping": fragments.overlapping,
            "fragmentsTimedOut": fragments.timedOut, "fragmentsAbandoned": fragments.abandoned,
            "malformed": capturing.malformed, "otherShard": capturing.otherShard,
            "otherDestination": unused.otherDestination, "strays": unused.strays, "afterStop": unused.afterStop,
            "unknownResponses": unused.unknownResponses, "surplusAnswers": unused.surplusAnswers,
            "beyondMemory": unused.beyondMemory,
        ]
        ignored = reasons.filter { $0.value > 0 }
    }
}
