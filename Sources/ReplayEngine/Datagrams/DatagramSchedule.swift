/// When datagrams of a transfer go that were held until its target was heard: at most twice as fast as they came, so that
/// they do not overflow the target's socket all at once, and none before one that was captured earlier.
struct DatagramSchedule {
    private var start: (captured: Instant, sent: Instant)?

    /// From now on, those captured since `captured` go.
    mutating func begin(captured: Instant, now: Instant) { start = (captured, now) }

    /// When the datagram that is due then by its capture may go. Those of long after the beginning are not touched by it.
    func due(_ due: Instant) -> Instant {
        guard let start else { return due }
        let distance = due - start.captured
        return max(due, start.sent + Interval(nanoseconds: distance.nanoseconds / 2))
    }
}
