/// One direction of a TCP connection: from where, to where. A fixed-size key that holds either address family.
public struct Flow: Hashable, Sendable {
    public var sourceAddress: IPAddress
    public var destinationAddress: IPAddress
    public var sourcePort: UInt16
    public var destinationPort: UInt16

    @inlinable public init(from source: Endpoint, to destination: Endpoint) {
        sourceAddress = source.address
        destinationAddress = destination.address
        sourcePort = source.port
        destinationPort = destination.port
    }

    @inlinable public var source: Endpoint { Endpoint(sourceAddress, sourcePort) }
    @inlinable public var destination: Endpoint { Endpoint(destinationAddress, destinationPort) }
    /// The same connection seen from the other end.
    @inlinable public var reversed: Flow { Flow(from: destination, to: source) }

    /// A well-mixed hash, equal in every run (for tables of our own; `hashValue` is seeded anew each run).
    @inlinable public var mixed: UInt64 {
        let ports = UInt64(sourcePort) << 16 | UInt64(destinationPort)
        var hash = sourceAddress.low &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 32) ^ sourceAddress.high) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 29) ^ destinationAddress.low) &* 0x94d0_49bb_1331_11eb
        hash = (hash ^ (hash >> 32) ^ destinationAddress.high ^ ports) &* 0x9e37_79b9_7f4a_7c15
        return hash ^ (hash >> 32)
    }
}

extension Flow: CustomStringConvertible {
    /// tcpdump's notation: `10.0.0.1.40000 > 10.0.0.2.80`.
    public var description: String { "\(sourceAddress).\(sourcePort) > \(destinationAddress).\(destinationPort)" }
}
