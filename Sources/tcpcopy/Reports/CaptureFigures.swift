/// What capture saw, and what it had to leave.
struct CaptureFigures: Encodable, Equatable, Sendable {
    /// Frames handed over.
    var frames = 0
    /// TCP segments found in them that belong to a transfer.
    var segments = 0
    /// UDP datagrams found in them, likewise.
    var datagrams = 0
    /// Frames with a fragment that made a segment together with another frame, which alone is counted among the segments.
    var joinedFragments = 0
    /// Frames that passed the filter and were lost because the ring was full.
    var kernelDrops = 0
    /// Frames that the interface or its driver lost, where it counts them.
    var interfaceDrops = 0
    /// Frames that were left alone, by the reason for it: `notTCP`.
    var ignored: [String: Int] = [:]

    static func += (one: inout CaptureFigures, other: CaptureFigures) {
        one.frames += other.frames
        one.segments += other.segments
        one.datagrams += other.datagrams
        one.joinedFragments += other.joinedFragments
        one.kernelDrops += other.kernelDrops
        one.interfaceDrops += other.interfaceDrops
        one.ignored.merge(other.ignored, uniquingKeysWith: +)
    }
}
