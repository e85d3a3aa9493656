/// When captured frames were captured, on the clock that the engine runs by.
///
/// The kernel stamps frames by the time of day, which may be set or slewed while frames wait in the ring. So the distance of
/// the two clocks is read again for each batch, and where it has leapt the older one is remembered with the time for which it
/// held: a frame stands where its stamp and one of these agree.
public struct CaptureClock: Sendable {
    /// A distance of the time of day from the engine's clock.
    private struct Era {
        var offset: Int64
        /// It may have held no earlier than the reading before it was first read, and no later than that of the next.
        var start: Instant
        var end = Instant.never

        func instant(ofStamp stamp: Int64) -> Instant {
            .zero + (Instant(nanoseconds: stamp) - Instant(nanoseconds: offset))
        }
    }

    /// A change of the distance that is no more is followed; what is more is a leap.
    private static let slew: Int64 = 1_000_000
    /// Instants this far outside an era are still its own: stamp and clock are not read in one moment.
    private static let slack = Interval.milliseconds(1)
    /// Eras that are remembered, and for how long. Frames of another one count as captured when they are read.
    private static let eraLimit = 4
    private static let memory = Interval.seconds(10)

    /// The current era is the last.
    private var eras: [Era]
    private var readAt: Instant
    /// The instant given last, for each source.
    private var last: [Instant] = []

    /// - Parameter offset: the time of day in nanoseconds since the epoch, less `now`.
    public init(offset: Int64, now: Instant) {
        eras = [Era(offset: offset, start: now)]
        readAt = now
    }

    /// The distance of the clocks was read again, before a batch of frames.
    public mutating func synchronize(offset: Int64, now: Instant) {
        defer { readAt = now }
        if eras.count > 1 { eras.removeAll { $0.end + Self.memory < now } }
        let current = eras.count - 1
        let (change, overflow) = offset.subtractingReportingOverflow(eras[current].offset)
        guard overflow || change.magnitude > UInt64(Self.slew) else {
            eras[current].offset = offset
            return
        }
        eras[current].end = now
        eras.append(Era(offset: offset, start: readAt))
        if eras.count > Self.eraLimit { eras.removeFirst() }
    }

    /// When the frame with this stamp was captured: never later than it is read, never before the one that the same source
    /// had captured before it.
    ///
    /// - Parameter source: its number; sources are counted from 0.
    public mutating func instant(ofStamp stamp: Int64, from source: Int) -> Instant {
        while last.count <= source { last.append(Instant(nanoseconds: .min)) }
        last[source] = max(last[source], min(plausible(stamp), readAt))
        return last[source]
    }

    /// Where several eras have an instant for it, the latest that has passed: frames seldom wait long.
    private func plausible(_ stamp: Int64) -> Instant {
        var latest: Instant?
        for index in eras.indices {
            let era = eras[index]
            let instant = era.instant(ofStamp: stamp)
            guard era.start <= instant + Self.slack, instant <= min(era.end, readAt) + Self.slack else { continue }
            latest = max(latest ?? instant, instant)
        }
        return latest ?? readAt
    }
}
