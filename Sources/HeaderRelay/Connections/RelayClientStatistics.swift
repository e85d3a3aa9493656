/// What one relay client has received since it started.
public struct RelayClientStatistics: Equatable, Sendable {
    /// Response headers.
    public var headers = 0
    /// Bytes of everything the assistant sent, keep-alive included.
    public var bytes = 0
    /// Times that the assistant accepted a subscription.
    public var connections = 0
    /// The same, the first time left out.
    public var reconnections: Int { max(0, connections - 1) }

    public init() {}
}
