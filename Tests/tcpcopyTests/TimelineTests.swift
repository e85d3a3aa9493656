import ReplayEngine
import Testing

@testable import tcpcopy

struct TimelineTests {
    private let start = Instant(nanoseconds: 1_000_000)

    private func due(_ stamps: [Int64], speed: Double = 1, longestPause: Interval? = nil) -> [Int64] {
        var timeline = Timeline(start: start, speed: speed, longestPause: longestPause)
        return stamps.map { (timeline.due($0) - start).nanoseconds }
    }

    @Test func `the first packet is due at once, the others as far apart as recorded`() {
        #expect(due([5_000, 5_010, 5_010, 6_000]) == [0, 10, 10, 1_000])
    }

    @Test func `a factor divides every distance`() {
        #expect(due([0, 10_000, 30_000], speed: 10) == [0, 1_000, 3_000])
        #expect(due([0, 10_000], speed: 0.01) == [0, 1_000_000])
    }

    @Test func `a long pause is cut, and what follows keeps its distance`() {
        #expect(due([0, 10, 5_000, 5_007], longestPause: Interval(nanoseconds: 100)) == [0, 10, 110, 117])
    }

    @Test func `what is cut from a pause has been recorded all the same`() {
        var timeline = Timeline(start: start, speed: 10, longestPause: Interval(nanoseconds: 100))
        for stamp in [0, 10, 5_000, 4_990] as [Int64] { _ = timeline.due(stamp) }
        #expect(timeline.recorded == Interval(nanoseconds: 5_000))
    }

    @Test func `a packet stamped before the one ahead of it is due with it`() {
        #expect(due([100, 90, 120]) == [0, 0, 20])
    }

    @Test func `a clock that was set back goes on from there`() {
        #expect(due([9_000_000_000, 10, 30]) == [0, 0, 20])
    }

    @Test func `asking again moves nothing`() {
        #expect(due([0, 10, 10, 10, 20]) == [0, 10, 10, 10, 20])
    }

    @Test func `stamps at the ends of time do not trap`() {
        for stamps in [[Int64.min, .max], [.max, .min], [0, .max, .min, .max], [-1, .max]] {
            for speed in [0.01, 1, 1_000_000] {
                let times = due(stamps, speed: speed)
                #expect(times == times.sorted())
            }
        }
    }
}
