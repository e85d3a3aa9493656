import ReplayEngine

/// The online host's time of day: not always right, set now and then, and slewed.
struct TimeOfDay {
    /// When it is set, and by how much.
    var steps: [(at: Instant, by: Interval)] = []
    /// Nanoseconds it gains in each second.
    var slew: Int64 = 0

    private static let epoch: Int64 = 1_700_000_000_000_000_000

    /// Nanoseconds since the epoch, less the clock that the engine runs by.
    func offset(at instant: Instant) -> Int64 {
        let steps = steps.reduce(0) { $0 + ($1.at <= instant ? $1.by.nanoseconds : 0) }
        return Self.epoch + steps + instant.nanoseconds / 1_000_000_000 * slew
    }

    func stamp(at instant: Instant) -> Int64 { offset(at: instant) + instant.nanoseconds }

    /// Set a few times within the first seconds of a world, by milliseconds or by an hour; less often than it is read. A time
    /// that holds so shortly that nobody has read it can't be told from another.
    static func unsteady(_ chance: inout some RandomNumberGenerator) -> TimeOfDay {
        var time = TimeOfDay()
        for number in 0..<Int64.random(in: 1...4, using: &chance) {
            let size: Int64 = [5_000, 800_000, 60_000_000, 3_600_000_000].randomElement(using: &chance) ?? 0
            time.steps.append(
                (
                    .zero
                        + .microseconds(
                            100_000_000 + number * 1_200_000 + Int64.random(in: 0...600_000, using: &chance)),
                    .microseconds(Int64.random(in: -size...size, using: &chance))
                ))
        }
        time.slew = Int64.random(in: -500_000...500_000, using: &chance)
        return time
    }
}
