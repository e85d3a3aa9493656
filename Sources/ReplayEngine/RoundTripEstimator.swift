/// The retransmission time-out of RFC 6298, kept in microseconds.
struct RoundTripEstimator {
    private(set) var smoothed: Int32 = 0
    private var variation: Int32 = 0
    private var backoff: UInt8 = 0

    /// RFC 6298 (2.1): until a sample is there, one second.
    static let initialTimeout = Interval.seconds(1)
    /// (2.4) asks for a second; we take Linux's TCP_RTO_MIN, since the target's own timers assume no more of a client.
    static let bounds = Interval.milliseconds(200)...Interval.seconds(60)

    mutating func onSample(_ interval: Interval) {
        let sample = Int32(truncatingIfNeeded: min(max(interval.nanoseconds / 1_000, 1), 60_000_000))
        if smoothed == 0 {
            smoothed = sample
            variation = sample / 2
        } else {
            variation += (abs(smoothed - sample) - variation) / 4
            smoothed += (sample - smoothed) / 8
        }
        backoff = 0
    }

    /// (5.5) Each expiry doubles the time-out.
    mutating func onTimeout() { backoff = min(backoff + 1, 12) }

    /// New data acknowledged: the path works again.
    mutating func onProgress() { backoff = 0 }

    /// How often in a row the timer has expired.
    var expiries: Int { Int(backoff) }

    var timeout: Interval {
        let base =
            smoothed == 0
            ? Self.initialTimeout
            : Interval.microseconds(Int64(smoothed) + Int64(4 * variation)).clamped(Self.bounds)
        return Interval(nanoseconds: base.nanoseconds << Int64(backoff)).clamped(Self.bounds)
    }
}
