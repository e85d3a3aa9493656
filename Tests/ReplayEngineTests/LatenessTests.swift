import Testing

@testable import ReplayEngine

@Suite struct LatenessTests {
    @Test(arguments: 1...5)
    func `a percentile is the sorted values' own, or at most an eighth more`(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var lateness = Lateness()
        var values: [Int64] = []
        for _ in 0..<1_000 {
            let value = Int64.random(in: 0...1 << Int64.random(in: 0...40, using: &generator), using: &generator)
            values.append(value)
            lateness.enter(Interval(nanoseconds: value))
        }
        values.sort()
        for percent in [0, 1, 50, 90, 99, 99.9, 100] as [Double] {
            let exact = values[max(0, Int((percent * 10).rounded(.up)) - 1)]
            let shown = lateness.percentile(percent).nanoseconds
            #expect(exact <= shown && shown <= exact + exact / 8, "\(percent) %: \(exact), shown \(shown)")
        }
        #expect(lateness.largest.nanoseconds == values.last)
        #expect(lateness.count == 1_000)
    }

    @Test func `nothing entered is no lateness, and what was early is not late`() {
        var lateness = Lateness()
        #expect(lateness.percentile(99) == .zero)
        lateness.enter(Interval(nanoseconds: -5))
        #expect(lateness.percentile(100) == .zero)
    }

    @Test func `the longest there is has its place, and sums add up`() {
        var one = Lateness()
        one.enter(Interval(nanoseconds: .max))
        #expect(one.percentile(50) > .seconds(1_000))
        var other = Lateness()
        other.enter(.milliseconds(1))
        other += one
        #expect(other.count == 2)
        #expect(other.largest == one.largest)
        #expect(other != one)
    }
}
