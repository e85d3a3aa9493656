import Wire

/// Something the user may want to be told.
public enum ReplayEvent: Equatable, Sendable {
    /// The first header of this transfer's target was relayed: all sessions go now.
    case targetProven(transfer: Int)
    /// A probe to this transfer's target has had no answer for so long; the others are held.
    case targetSilent(transfer: Int, waiting: Interval, held: Int)
    case sessionShed(Flow, ShedReason)
}

/// What was captured or relayed and concerns no session. Odd traffic is counted, never an error.
public struct IgnoredCounts: Equatable, Sendable {
    /// Captured, but sent to no online endpoint.
    public var otherDestination = 0
    /// Captured, without payload or SYN, of a connection that is not known (any more).
    public var strays = 0
    /// Relayed, of a connection that is not known (any more).
    public var unknownResponses = 0
    /// Relayed, beyond the datagrams of their flow that waited for one.
    public var surplusAnswers = 0
    /// Captured after tcpcopy was told to stop.
    public var afterStop = 0
    /// Captured of connections that there was no memory to follow: what they sent is not in the ledger.
    public var beyondMemory = 0

    public init() {}

    public static func += (one: inout IgnoredCounts, other: IgnoredCounts) {
        one.otherDestination += other.otherDestination
        one.strays += other.strays
        one.unknownResponses += other.unknownResponses
        one.surplusAnswers += other.surplusAnswers
        one.afterStop += other.afterStop
        one.beyondMemory += other.beyondMemory
    }
}
