import HeaderRelay

/// What intercept has done so far, as its operator reads it.
struct InterceptReport: Sendable {
    var elapsed: Duration
    /// What each shard has captured.
    var shards: [CaptureCounts]
    var relay: RelayServerStatistics

    var capture: CaptureCounts { shards.reduce(into: CaptureCounts()) { $0 += $1 } }

    /// The account of every frame and every header.
    var lines: [String] {
        let capture = capture
        return [
            "captured  \(capture.frames) frames: \(capture.segments) TCP segments, \(capture.datagrams) UDP datagrams, "
                + "\(capture.otherProtocol) of other protocols, \(capture.fragments) fragments, \(capture.unreadable) "
                + "unreadable",
            "lost      \(capture.kernelDrops) frames by the kernel, \(capture.interfaceDrops) by the interface",
            "relayed   \(relay.relayed) headers; \(relay.drops.total) not relayed: \(relay.drops)",
            "held      \(relay.everHeld) headers until their owner was known, \(relay.held) of them still",
            "tcpcopy   \(relay.subscribers) hosts; \(relay.connections) connections so far, \(relay.faults) closed for "
                + "what they sent, \(relay.silences) for silence",
        ] + shardLines + version1Lines
    }

    /// Empty where there is one.
    private var shardLines: [String] {
        guard shards.count > 1 else { return [] }
        return ["shards    \(shards.map { "\($0.segments)" }.joined(separator: " + ")) TCP segments"]
    }

    /// Empty where no tcpcopy of TCPCopy 1.x has ever asked for anything.
    private var version1Lines: [String] {
        let version1 = relay.version1
        guard version1.allConnections > 0 else { return [] }
        return [
            "1.x       \(version1.connections) connections of \(version1.allConnections) so far, \(version1.sessions) "
                + "sessions; \(version1.forgotten) forgotten, \(version1.refused) refused"
        ]
    }

    /// The same in short, with the rate since `previous`.
    func line(since previous: InterceptReport?) -> String {
        let seconds = (elapsed - (previous?.elapsed ?? .zero)) / .seconds(1)
        let rate = seconds > 0 ? Int(Double(relay.relayed - (previous?.relay.relayed ?? 0)) / seconds) : 0
        return
            "\(elapsed.components.seconds) s  \(rate)/s  relayed \(relay.relayed)  not relayed \(relay.drops.total)  kernel "
            + "drops \(capture.kernelDrops)  tcpcopy hosts \(relay.subscribers)"
            + (relay.version1.connections > 0 ? "  1.x connections \(relay.version1.connections)" : "")
    }
}
