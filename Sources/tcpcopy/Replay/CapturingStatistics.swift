import Wire

/// What the capture delivered, and what of it was no TCP segment or UDP datagram that could be read.
struct CapturingStatistics: Equatable, Sendable {
    var frames = 0
    var segments = 0
    var datagrams = 0
    var otherProtocol = 0
    /// Frames of a kind that no TCP packet is read from.
    var unreadableLink = 0
    var truncated = 0
    var malformed = 0
    /// Packets of another shard's slice, which it has too: a capture socket gets all frames until it has joined its group.
    var otherShard = 0

    mutating func countUnreadableLink() {
        frames += 1
        unreadableLink += 1
    }

    mutating func count(_ error: WireError) {
        switch error.kind {
        case .otherProtocol: otherProtocol += 1
        case .truncated: truncated += 1
        // What is still a fragment when it was put together was cut twice, which nobody does.
        case .badLength, .malformed, .fragment: malformed += 1
        }
    }
}
