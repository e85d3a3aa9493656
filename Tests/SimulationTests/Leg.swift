import ReplayEngine

/// A stretch that packets travel, and what can happen to them there.
struct Leg {
    var delay = Interval.microseconds(200)
    /// Up to so much longer for each packet by itself, so that packets overtake each other.
    var jitter = Interval.zero
    /// Probabilities.
    var loss = 0.0
    var duplication = 0.0
    /// Nothing gets through from the first instant to the second.
    var outage: Range<Instant>?

    /// When the copies of a packet sent now arrive.
    func arrivals(of now: Instant, _ generator: inout some RandomNumberGenerator) -> [Instant] {
        if let outage, outage.contains(now) { return [] }
        var arrivals: [Instant] = []
        if loss == 0 || Double.random(in: 0..<1, using: &generator) >= loss {
            arrivals.append(arrival(of: now, &generator))
        }
        if duplication > 0, Double.random(in: 0..<1, using: &generator) < duplication {
            arrivals.append(arrival(of: now, &generator))
        }
        return arrivals
    }

    private func arrival(of now: Instant, _ generator: inout some RandomNumberGenerator) -> Instant {
        guard jitter > .zero else { return now + delay }
        return now + delay + Interval(nanoseconds: Int64.random(in: 0...jitter.nanoseconds, using: &generator))
    }
}
