import ReplayEngine

/// Where the time stamps of a recording fall on the clock of its replay.
struct Timeline {
    /// When the round begins.
    private let start: Instant
    private let speed: Double
    private let longestPause: Int64
    private var last: Int64?
    /// Since the round's first packet, in the recording's time, without what is cut from pauses.
    private(set) var elapsed = Interval.zero
    /// The same with all of each pause up to an hour: whatever is waited for by the recording's clock is final then.
    private(set) var recorded = Interval.zero

    /// A time stamp that is earlier than the one before by more than this is that of another clock, not of a packet that was
    /// reordered.
    private static let reordering: Int64 = 1_000_000_000

    private static let longestWait: Int64 = 3_600_000_000_000

    init(start: Instant, speed: Double, longestPause: Interval?) {
        self.start = start
        self.speed = speed
        self.longestPause = longestPause?.nanoseconds ?? .max
    }

    /// When the packet with this time stamp is due. Never earlier than one before it.
    mutating func due(_ timestamp: Int64) -> Instant {
        let (difference, overflow) = timestamp.subtractingReportingOverflow(last ?? timestamp)
        let pause = overflow ? Int64.max : difference
        recorded = Interval(nanoseconds: recorded.nanoseconds.addingClamped(min(max(0, pause), Self.longestWait)))
        if pause >= 0 || pause < -Self.reordering { last = timestamp }
        elapsed = Interval(nanoseconds: elapsed.nanoseconds.addingClamped(min(max(0, pause), longestPause)))
        return position
    }

    /// When what was asked for last is due.
    var position: Instant {
        let scaled = Double(elapsed.nanoseconds) / speed
        return start + Interval(nanoseconds: scaled < 9e18 ? Int64(scaled) : .max)
    }
}

extension Int64 {
    fileprivate func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
