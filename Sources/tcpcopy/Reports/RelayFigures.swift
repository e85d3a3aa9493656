import HeaderRelay

/// What came back through the assistants.
struct RelayFigures: Encodable, Equatable, Sendable {
    /// Response headers.
    var headers = 0
    /// Bytes of everything the assistants sent, keep-alive included.
    var bytes = 0
    /// Times that an assistant accepted a subscription.
    var connections = 0
    /// Of these, times that it did so again.
    var reconnections = 0

    init() {}

    init(_ statistics: RelayClientStatistics) {
        headers = statistics.headers
        bytes = statistics.bytes
        connections = statistics.connections
        reconnections = statistics.reconnections
    }

    static func += (one: inout RelayFigures, other: RelayFigures) {
        one.headers += other.headers
        one.bytes += other.bytes
        one.connections += other.connections
        one.reconnections += other.reconnections
    }
}
