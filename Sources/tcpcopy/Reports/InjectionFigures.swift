import LinkLayer

/// What was sent to the targets.
struct InjectionFigures: Encodable, Equatable, Sendable {
    /// Packets that the kernel took.
    var packets = 0
    var bytes = 0
    /// Times that a packet had to wait because the kernel's queue was full.
    var retries = 0
    /// Packets that the kernel refused, by errno's name: `EPERM`.
    var refused: [String: Int] = [:]

    init() {}

    init(_ statistics: InjectionStatistics) {
        packets = statistics.packets
        bytes = statistics.bytes
        retries = statistics.retries
        refused = statistics.refusedByName
    }

    static func += (one: inout InjectionFigures, other: InjectionFigures) {
        one.packets += other.packets
        one.bytes += other.bytes
        one.retries += other.retries
        one.refused.merge(other.refused, uniquingKeysWith: +)
    }
}
