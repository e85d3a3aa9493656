import NIOCore

/// How long to wait before the next attempt: 50 ms at first, doubled up to 1.5 s, each by up to a quarter more or less.
struct ReconnectionDelay: Equatable, Sendable {
    static let first = TimeAmount.milliseconds(50)
    static let longest = TimeAmount.milliseconds(1_500)

    private var current = Self.first

    /// The wait before the next attempt.
    mutating func next(using generator: inout some RandomNumberGenerator) -> TimeAmount {
        let base = current.nanoseconds
        current = min(.nanoseconds(2 * base), Self.longest)
        return .nanoseconds(base + .random(in: -base / 4...base / 4, using: &generator))
    }

    /// A connection came about: the next loss is retried quickly again.
    mutating func onConnected() { current = Self.first }
}
