import ReplayEngine

/// How late exchanges went against their schedule, in microseconds.
struct LatenessFigures: Encodable, Equatable, Sendable {
    let exchanges: Int
    let p50Microseconds: Int
    let p99Microseconds: Int
    let largestMicroseconds: Int

    init(_ lateness: Lateness) {
        exchanges = Int(lateness.count)
        p50Microseconds = Int(lateness.percentile(50).nanoseconds / 1_000)
        p99Microseconds = Int(lateness.percentile(99).nanoseconds / 1_000)
        largestMicroseconds = Int(lateness.largest.nanoseconds / 1_000)
    }

    /// `send time against the schedule: p50 12 µs, p99 340 µs, at most 1,200 µs late`
    var line: String {
        "send time against the schedule: p50 \(p50Microseconds.grouped) µs, p99 \(p99Microseconds.grouped) µs, at most "
            + "\(largestMicroseconds.grouped) µs late"
    }
}
