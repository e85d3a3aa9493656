/// Which run of tcpcopy speaks: 128 random bits, drawn once a process.
///
/// With a slice it names one relay connection for good, so that a new connection replaces its own stale predecessor.
public struct RelayInstance: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new one, by the system's random numbers.
    public static func random() -> RelayInstance {
        RelayInstance(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
    }
}

extension RelayInstance: CustomStringConvertible {
    /// The first 32 bits in hexadecimal, enough to tell hosts apart in a log.
    public var description: String {
        let text = String(high >> 32, radix: 16)
        return String(repeating: "0", count: 8 - text.count) + text
    }
}
