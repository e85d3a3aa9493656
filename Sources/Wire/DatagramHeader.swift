/// Everything about a UDP datagram but its payload: from where, to where, how long.
public struct DatagramHeader: Hashable, Sendable {
    public var flow: Flow
    /// Bytes of payload according to the UDP header, also where the capture holds fewer.
    public var payloadLength: Int

    @inlinable public init(flow: Flow, payloadLength: Int) {
        self.flow = flow
        self.payloadLength = payloadLength
    }
}

extension DatagramHeader: CustomStringConvertible {
    /// tcpdump's notation: `10.0.0.1.40000 > 10.0.0.2.53: UDP, length 40`.
    public var description: String { "\(flow): UDP, length \(payloadLength)" }
}
