import LinkLayer
import Wire

/// What one capture saw, and what of it was no TCP segment or UDP datagram that could be read.
struct CaptureCounts: Equatable, Sendable {
    var frames = 0
    var segments = 0
    var datagrams = 0
    var otherProtocol = 0
    var fragments = 0
    /// Cut short or contradicting itself.
    var unreadable = 0
    var kernelDrops = 0
    var interfaceDrops = 0

    mutating func count(_ error: WireError) {
        switch error.kind {
        case .otherProtocol: otherProtocol += 1
        case .fragment: fragments += 1
        case .truncated, .badLength, .malformed: unreadable += 1
        }
    }

    static func += (sum: inout CaptureCounts, other: CaptureCounts) {
        sum.frames += other.frames
        sum.segments += other.segments
        sum.datagrams += other.datagrams
        sum.otherProtocol += other.otherProtocol
        sum.fragments += other.fragments
        sum.unreadable += other.unreadable
        sum.kernelDrops += other.kernelDrops
        sum.interfaceDrops += other.interfaceDrops
    }
}
