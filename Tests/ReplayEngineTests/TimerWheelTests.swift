import Testing

@testable import ReplayEngine

@Suite struct TimerWheelTests {
    /// The wheel beside a dictionary that does the same slowly.
    private struct Pair: ~Copyable {
        var wheel: TimerWheel
        var model: [Int: Instant] = [:]
        var now: Instant
        let tick: Int64 = 1 << 17

        init(now: Instant) {
            self.now = now
            wheel = TimerWheel(now: now)
        }

        mutating func arm(_ session: Int, after interval: Interval) {
            wheel.arm(session, at: now + interval)
            // What lies behind is due at once.
            model[session] = max(now, now + interval)
        }

        mutating func disarm(_ session: Int) {
            wheel.disarm(session)
            model[session] = nil
        }

        /// Lets time pass: everything due fires, nothing fires early, no deadline was announced late.
        mutating func advance(to later: Instant) {
            if let earliest = model.values.min() {
                #expect(wheel.nextDeadline.nanoseconds <= max(earliest, now).nanoseconds + 2 * tick)
            } else {
                #expect(wheel.nextDeadline == .never)
            }
            now = later
            while let session = wheel.popExpired(now: now) {
                guard let due = model.removeValue(forKey: session) else {
                    Issue.record("session \(session) fired unarmed")
                    return
                }
                #expect(due <= now)
            }
            let missed = model.filter { $0.value.nanoseconds <= now.nanoseconds - tick }
            #expect(missed.isEmpty)
            #expect(wheel.nextDeadline > now)
        }
    }

    @Test(arguments: 1...20)
    func `it does what a dictionary of deadlines does, in any order of operations`(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var pair = Pair(now: Instant(nanoseconds: Int64.random(in: 0..<1 << 50, using: &generator)))
        for _ in 0..<1_500 {
            let session = Int.random(in: 0..<40, using: &generator)
            // Spans of all levels, from within a tick to hours.
            let span = Int64(1) << Int64.random(in: 8..<45, using: &generator)
            let interval = Interval(nanoseconds: Int64.random(in: 0...span, using: &generator))
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5: pair.arm(session, after: interval)
            case 5: pair.disarm(session)
            case 6: pair.arm(session, after: Interval(nanoseconds: -interval.nanoseconds))
            case 7 where pair.wheel.nextDeadline != .never:
                pair.advance(to: max(pair.now, pair.wheel.nextDeadline))
            default: pair.advance(to: pair.now + interval.clamped(.zero ... .seconds(3600)))
            }
        }
    }

    @Test func `stepping from deadline to deadline reaches a far one in few steps`() {
        for exponent in 10..<46 {
            var wheel = TimerWheel(now: Instant(nanoseconds: 12_345_678_901))
            let due = Instant(nanoseconds: 12_345_678_901 + 1 << Int64(exponent))
            wheel.arm(7, at: due)
            var steps = 0
            var fired: Instant?
            while fired == nil, steps < 100 {
                steps += 1
                let now = wheel.nextDeadline
                if wheel.popExpired(now: now) == 7 { fired = now }
            }
            #expect(steps <= 6)
            #expect(fired.map { $0 >= due && ($0 - due) <= .microseconds(263) } ?? false, "2^\(exponent) ns")
        }
    }

    @Test func `a deadline beyond the wheel fires early, not never`() {
        var wheel = TimerWheel(now: .zero)
        wheel.arm(0, at: .never)
        #expect(wheel.nextDeadline < Instant.zero + .seconds(40 * 3600))
        #expect(wheel.popExpired(now: Instant.zero + .seconds(40 * 3600)) == 0)
        #expect(wheel.nextDeadline == .never)
    }

    @Test func `a deadline that lies behind fires with the next tick`() {
        var wheel = TimerWheel(now: Instant.zero + .seconds(5))
        wheel.arm(3, at: .zero)
        #expect(wheel.deadline(of: 3) <= Instant.zero + .seconds(5) + .microseconds(132))
        #expect(wheel.popExpired(now: wheel.nextDeadline) == 3)
    }
}
