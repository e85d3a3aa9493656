/// A point in time on the caller's clock, in nanoseconds; the engine has no clock of its own.
public struct Instant: Comparable, Hashable, Sendable {
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Later than every other.
    public static let never = Instant(nanoseconds: .max)
    public static let zero = Instant(nanoseconds: 0)

    @inlinable public static func < (one: Instant, other: Instant) -> Bool { one.nanoseconds < other.nanoseconds }

    /// Saturates at the ends, so a time stamp from a hostile file can't trap.
    @inlinable public static func + (instant: Instant, interval: Interval) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(interval.nanoseconds)
        return Instant(nanoseconds: overflow ? (interval.nanoseconds > 0 ? .max : .min) : sum)
    }

    @inlinable public static func - (one: Instant, other: Instant) -> Interval {
        let (difference, overflow) = one.nanoseconds.subtractingReportingOverflow(other.nanoseconds)
        return Interval(nanoseconds: overflow ? (one > other ? .max : .min) : difference)
    }
}

/// A span of time in nanoseconds.
public struct Interval: Comparable, Hashable, Sendable {
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable public static func microseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000) }
    @inlinable public static func milliseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000_000) }
    @inlinable public static func seconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000_000_000) }
    public static let zero = Interval(nanoseconds: 0)

    @inlinable public static func < (one: Interval, other: Interval) -> Bool { one.nanoseconds < other.nanoseconds }

    /// The same span, but neither shorter nor longer than the bounds.
    @inlinable public func clamped(_ bounds: ClosedRange<Interval>) -> Interval {
        min(max(self, bounds.lowerBound), bounds.upperBound)
    }
}
