import NIOCore
import Testing

@testable import HeaderRelay

struct LivenessTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000)

    @Test func `a side that is quiet for a second says that it is alive`() {
        var liveness = Liveness(now: start)
        #expect(liveness.duty(now: start + .milliseconds(999)) == .nothing)
        #expect(liveness.duty(now: start + .seconds(1)) == .speak)
        liveness.onSpoken(now: start + .seconds(1))
        #expect(liveness.duty(now: start + .milliseconds(1_999)) == .nothing)
        #expect(liveness.duty(now: start + .seconds(2)) == .speak)
    }

    @Test func `a side that is not heard for three seconds is noticed to be silent, once until it is heard`() {
        var liveness = Liveness(now: start)
        liveness.onSpoken(now: start + .seconds(3))
        #expect(liveness.duty(now: start + .seconds(3) - .milliseconds(1)) == .nothing)
        #expect(liveness.duty(now: start + .seconds(3)) == .noticeSilence)
        liveness.onSilenceNoticed()
        #expect(liveness.duty(now: start + .seconds(3)) == .nothing)
        liveness.onHeard(now: start + .seconds(4))
        liveness.onSpoken(now: start + .seconds(7))
        #expect(liveness.duty(now: start + .seconds(7)) == .noticeSilence)
    }

    @Test func `a side that is not heard for eight seconds is given up, however much was said to it`() {
        var liveness = Liveness(now: start)
        liveness.onHeard(now: start + .seconds(1))
        liveness.onSpoken(now: start + .seconds(9) - .milliseconds(1))
        liveness.onSilenceNoticed()
        #expect(liveness.duty(now: start + .seconds(9) - .milliseconds(1)) == .nothing)
        #expect(liveness.duty(now: start + .seconds(9)) == .giveUp)
    }
}

struct ReconnectionDelayTests {
    @Test func `attempts are made quickly at first, then at most every two seconds, never in step`() {
        var generator = SeededGenerator(seed: 7)
        var delay = ReconnectionDelay()
        var waits: [Int64] = []
        for _ in 0..<200 { waits.append(delay.next(using: &generator).nanoseconds / 1_000_000) }
        #expect((37...63).contains(waits[0]))
        #expect((75...125).contains(waits[1]))
        #expect(waits.allSatisfy { (37...1_875).contains($0) })
        #expect(waits.dropFirst(6).allSatisfy { $0 >= 1_125 })
        #expect(Set(waits.dropFirst(6)).count > 50)
    }

    @Test func `a connection makes the next loss be retried quickly`() {
        var generator = SeededGenerator(seed: 8)
        var delay = ReconnectionDelay()
        for _ in 0..<10 { _ = delay.next(using: &generator) }
        delay.onConnected()
        #expect(delay.next(using: &generator) <= .milliseconds(63))
    }
}
