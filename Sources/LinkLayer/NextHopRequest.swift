import Wire

/// A target whose frames shall find their way, with whatever the operator has fixed about it.
public struct NextHopRequest: Hashable, Sendable {
    public var target: IPAddress
    /// Where its frames leave; nil for where the route says.
    public var interface: String?
    /// The source MAC address; nil for the interface's own.
    public var source: MACAddress?
    /// The next hop's MAC address; nil to look it up.
    public var destination: MACAddress?

    public init(
        target: IPAddress, interface: String? = nil, source: MACAddress? = nil, destination: MACAddress? = nil
    ) {
        self.target = target
        self.interface = interface
        self.source = source
        self.destination = destination
    }
}
