/// One end of a TCP connection: an address and a port.
public struct Endpoint: Hashable, Sendable {
    public var address: IPAddress
    public var port: UInt16

    @inlinable public init(_ address: IPAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    /// A well-mixed hash, equal in every run: see `Flow.mixed`.
    @inlinable public var mixed: UInt64 {
        var hash = address.low &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 32) ^ address.high) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 29) ^ UInt64(port)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 32)
    }
}

extension Endpoint: CustomStringConvertible {
    /// `10.0.0.1:80` or `[2001:db8::1]:80`.
    public var description: String { address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}
