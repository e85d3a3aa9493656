import Testing

@testable import ReplayEngine

@Suite struct CaptureClockTests {
    /// The time of day less the engine's clock, at first.
    private static let epoch: Int64 = 1_700_000_000_000_000_000
    private static let second: Int64 = 1_000_000_000

    private static func at(_ milliseconds: Int64) -> Instant { .zero + .milliseconds(milliseconds) }

    /// The stamp of a frame that is captured then, where the time of day has been set by so much.
    private static func stamp(_ milliseconds: Int64, set shift: Int64 = 0) -> Int64 {
        epoch + shift + at(milliseconds).nanoseconds
    }

    private static func clock() -> CaptureClock { CaptureClock(offset: epoch, now: at(1_000)) }

    @Test func `a frame was captured when its stamp says`() {
        var clock = Self.clock()
        clock.synchronize(offset: Self.epoch, now: Self.at(1_010))
        #expect(clock.instant(ofStamp: Self.stamp(1_001), from: 0) == Self.at(1_001))
        #expect(clock.instant(ofStamp: Self.stamp(1_009), from: 0) == Self.at(1_009))
    }

    @Test(arguments: [3_600, 2, -2, -3_600] as [Int64])
    func `frames that waited while the clock was set stand where they were captured, before and after`(step: Int64) {
        let shift = step * Self.second
        var clock = Self.clock()
        clock.synchronize(offset: Self.epoch, now: Self.at(1_010))
        // Set at 1,015 ms; all these frames are read later.
        clock.synchronize(offset: Self.epoch + shift, now: Self.at(1_020))
        for time in [1_011, 1_014] as [Int64] {
            #expect(clock.instant(ofStamp: Self.stamp(time), from: 0) == Self.at(time))
        }
        for time in [1_016, 1_020] as [Int64] {
            #expect(clock.instant(ofStamp: Self.stamp(time, set: shift), from: 0) == Self.at(time))
        }
        // Another socket's ring was not read for a while.
        clock.synchronize(offset: Self.epoch + shift, now: Self.at(1_900))
        #expect(clock.instant(ofStamp: Self.stamp(1_002), from: 1) == Self.at(1_002))
        #expect(clock.instant(ofStamp: Self.stamp(1_800, set: shift), from: 1) == Self.at(1_800))
    }

    @Test func `after a quiet hour in which the clock was set the next frame stands where it was captured`() {
        for shift in [-5, 5] as [Int64] {
            var clock = Self.clock()
            clock.synchronize(offset: Self.epoch + shift * Self.second, now: Self.at(3_600_010))
            #expect(
                clock.instant(ofStamp: Self.stamp(3_600_008, set: shift * Self.second), from: 0) == Self.at(3_600_008))
        }
    }

    @Test func `a clock that is slewed is followed`() {
        var clock = Self.clock()
        var now: Int64 = 1_000
        var offset = Self.epoch
        for gap in [1, 1, 7, 1_000, 1, 60_000, 10] as [Int64] {
            now += gap
            // 500 parts in a million, as adjtime(3) does.
            offset += gap * 500
            clock.synchronize(offset: offset, now: Self.at(now))
            #expect(clock.instant(ofStamp: offset + Self.at(now).nanoseconds, from: 0) == Self.at(now))
        }
    }

    @Test func `a stamp of a clock that nobody saw means now, and no frame goes before one that came before it`() {
        var clock = Self.clock()
        clock.synchronize(offset: Self.epoch, now: Self.at(1_010))
        #expect(clock.instant(ofStamp: Self.stamp(1_009), from: 0) == Self.at(1_009))
        #expect(clock.instant(ofStamp: Self.stamp(1_008), from: 0) == Self.at(1_009))
        for stamp in [Self.stamp(500), Self.stamp(5_000), 0, .min, .max] {
            #expect(clock.instant(ofStamp: stamp, from: 0) == Self.at(1_010))
        }
        // Offsets that no system has: nothing traps.
        for offset in [.min, .max, 0] as [Int64] {
            clock.synchronize(offset: offset, now: Self.at(1_011))
            #expect(clock.instant(ofStamp: .max, from: 0) <= Self.at(1_011))
        }
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `however the clock is set and however late rings are read, no frame is off by more than a batch`(
        seed: UInt64
    ) {
        var chance = SplitMix64(seed: seed)
        var clock = Self.clock()
        var (now, shift) = (Self.at(1_000).nanoseconds, Int64(0))
        var rings: [[(captured: Int64, stamp: Int64)]] = [[], []]
        var last: [Instant] = [.zero, .zero]
        for _ in 0..<400 {
            let gap = Int64.random(in: 100_000...20_000_000, using: &chance)
            let setAt = Int.random(in: 0..<20, using: &chance) == 0 ? Int64.random(in: 0...gap, using: &chance) : nil
            let step = Int64.random(in: -20 * Self.second...20 * Self.second, using: &chance)
            for moment in stride(from: 0, to: gap, by: 900_000) {
                let shifted = setAt.map { moment >= $0 ? shift + step : shift } ?? shift
                rings[Int.random(in: 0...1, using: &chance)].append((now + moment, Self.epoch + shifted + now + moment))
            }
            now += gap
            if setAt != nil { shift += step }
            clock.synchronize(offset: Self.epoch + shift, now: Instant(nanoseconds: now))
            for source in 0...1 where Int.random(in: 0..<4, using: &chance) > 0 {
                for frame in rings[source] {
                    let instant = clock.instant(ofStamp: frame.stamp, from: source)
                    let error = (instant - Instant(nanoseconds: frame.captured)).nanoseconds
                    #expect(error.magnitude <= 22_000_000, "seed \(seed)")
                    #expect(instant.nanoseconds <= now && instant >= last[source], "seed \(seed)")
                    last[source] = instant
                }
                rings[source] = []
            }
        }
    }
}
