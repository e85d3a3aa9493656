/// What became of fragments. Each is in one of these, or still waits.
public struct FragmentCounts: Equatable, Sendable {
    /// Put together: all fragments of a datagram but the one that made it whole.
    public var joined = 0
    /// Seen before, as on an interface and again on the one beneath it.
    public var repeated = 0
    /// Of a datagram whose fragments overlap or contradict each other.
    public var overlapping = 0
    /// Of a datagram whose other fragments did not come in time.
    public var timedOut = 0
    /// Of an unfinished datagram that had to make room for newer ones, or whose capture ended.
    public var abandoned = 0

    public init() {}
}
