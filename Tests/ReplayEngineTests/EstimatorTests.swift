import Testing
import Wire

@testable import ReplayEngine

@Suite struct RoundTripEstimatorTests {
    @Test func `without a sample it waits a second, and twice as long after each expiry, at most a minute`() {
        var estimator = RoundTripEstimator()
        var seconds: [Int64] = []
        for _ in 0..<9 {
            seconds.append(estimator.timeout.nanoseconds / 1_000_000_000)
            estimator.onTimeout()
        }
        #expect(seconds == [1, 2, 4, 8, 16, 32, 60, 60, 60])
        #expect(estimator.expiries == 9)
    }

    @Test func `a first sample R makes it R + 4 × R/2`() {
        var estimator = RoundTripEstimator()
        estimator.onSample(.milliseconds(400))
        #expect(estimator.timeout == .milliseconds(1200))
    }

    @Test func `steady samples bring it down to the least time-out, a progress ends the back-off`() {
        var estimator = RoundTripEstimator()
        for _ in 0..<100 { estimator.onSample(.milliseconds(2)) }
        #expect(estimator.timeout == .milliseconds(200))
        estimator.onTimeout()
        #expect(estimator.timeout == .milliseconds(400))
        estimator.onProgress()
        #expect(estimator.timeout == .milliseconds(200))
    }

    @Test func `absurd samples stay within bounds`() {
        var estimator = RoundTripEstimator()
        for interval in [Interval.zero, Interval(nanoseconds: -5), Interval(nanoseconds: .max), .seconds(900)] {
            estimator.onSample(interval)
            #expect(RoundTripEstimator.bounds.contains(estimator.timeout))
        }
        for _ in 0..<100 { estimator.onTimeout() }
        #expect(estimator.timeout == .seconds(60))
    }
}

@Suite struct CongestionWindowTests {
    @Test func `it starts with ten segments and doubles a round trip`() {
        var congestion = CongestionWindow(segment: 1000)
        #expect(congestion.window == 10_000)
        for _ in 0..<10 { congestion.onAcknowledged(1000) }
        #expect(congestion.window == 20_000)
    }

    @Test func `three duplicates halve it, and beyond the threshold it grows by a segment a round trip`() {
        var congestion = CongestionWindow(segment: 1000)
        congestion.onLoss(inFlight: 20_000)
        #expect(congestion.window == 13_000)
        congestion.onDuplicate()
        #expect(congestion.window == 14_000)
        congestion.onRecovered()
        #expect(congestion.window == 10_000)
        for _ in 0..<10 { congestion.onAcknowledged(1000) }
        #expect((10_900...11_000).contains(congestion.window))
    }

    @Test func `a time-out leaves one segment`() {
        var congestion = CongestionWindow(segment: 1000)
        congestion.onTimeout(inFlight: 1000)
        #expect(congestion.window == 1000)
        congestion.onAcknowledged(1000)
        #expect(congestion.window == 2000)
    }

    @Test func `it never leaves its bounds, whatever is acknowledged`() {
        var congestion = CongestionWindow(segment: 76)
        for bytes in [0, 1, 1 << 24, 1 << 40, .max] {
            congestion.onAcknowledged(bytes)
            congestion.onPartial(bytes)
            #expect((76...(1 << 30)).contains(congestion.window))
        }
    }
}
