import Wire

/// How frames for one target leave: the interface, and the two addresses of the Ethernet header.
public struct LinkAddressing: Hashable, Sendable {
    public var interfaceIndex: Int
    public var interfaceName: String
    public var source: MACAddress
    public var destination: MACAddress
    /// The largest IP packet that the interface takes, in bytes.
    public var mtu: Int

    public init(
        interfaceIndex: Int, interfaceName: String, source: MACAddress, destination: MACAddress, mtu: Int
    ) {
        self.interfaceIndex = interfaceIndex
        self.interfaceName = interfaceName
        self.source = source
        self.destination = destination
        self.mtu = mtu
    }
}

extension LinkAddressing: CustomStringConvertible {
    /// `eth0 02:00:00:00:00:01 > 02:00:00:00:00:02`.
    public var description: String { "\(interfaceName) \(source) > \(destination)" }
}
