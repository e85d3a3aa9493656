/// How late exchanges were released against their schedule: the later of their captured time and the gate's opening.
///
/// A log-linear histogram: eight buckets an octave, so a quantile is at most an eighth too high. It stands here, in the
/// engine that may depend on nothing, as one fixed array; reports read quantiles from it.
public struct Lateness: Sendable {
    private static let octaves = 40
    private var counts = InlineArray<320, UInt64>(repeating: 0)
    /// Exchanges entered.
    public private(set) var count: UInt64 = 0
    public private(set) var largest = Interval.zero

    public init() {}

    mutating func enter(_ lateness: Interval) {
        let value = max(0, lateness.nanoseconds)
        counts[Self.bucket(value)] += 1
        count += 1
        largest = max(largest, Interval(nanoseconds: value))
    }

    /// What so many per cent of the exchanges were not later than.
    public func percentile(_ percent: Double) -> Interval {
        let rank = UInt64((percent / 100 * Double(count)).rounded(.up))
        var seen: UInt64 = 0
        for bucket in counts.indices {
            seen += counts[bucket]
            if seen >= max(rank, 1) { return min(Interval(nanoseconds: Self.upperBound(bucket)), largest) }
        }
        return largest
    }

    public static func += (one: inout Lateness, other: Lateness) {
        for bucket in one.counts.indices { one.counts[bucket] += other.counts[bucket] }
        one.count += other.count
        one.largest = max(one.largest, other.largest)
    }

    private static func bucket(_ value: Int64) -> Int {
        guard value >= 8 else { return Int(value) }
        let octave = 63 - value.leadingZeroBitCount
        let step = Int(value >> Int64(octave - 3)) & 7
        return min((octave - 2) * 8 + step, octaves * 8 - 1)
    }

    private static func upperBound(_ bucket: Int) -> Int64 {
        guard bucket >= 8 else { return Int64(bucket) }
        let octave = bucket / 8 + 2
        return ((Int64(8 + bucket % 8) + 1) << Int64(octave - 3)) - 1
    }
}

extension Lateness: Equatable {
    public static func == (one: Lateness, other: Lateness) -> Bool {
        one.count == other.count && one.counts.indices.allSatisfy { one.counts[$0] == other.counts[$0] }
    }
}
