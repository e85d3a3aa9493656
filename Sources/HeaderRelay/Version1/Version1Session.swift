import Wire

/// A session as TCPCopy 1.x names it, both ends in IPv4; twelve bytes, so that a table of many stays small.
struct Version1Session: Hashable, Sendable {
    let clientAddress: UInt32
    let targetAddress: UInt32
    let clientPort: UInt16
    let targetPort: UInt16

    init(clientAddress: UInt32, clientPort: UInt16, targetAddress: UInt32, targetPort: UInt16) {
        self.clientAddress = clientAddress
        self.clientPort = clientPort
        self.targetAddress = targetAddress
        self.targetPort = targetPort
    }

    /// Nil unless both ends have IPv4 addresses.
    ///
    /// - Parameter flow: from client to target.
    init?(_ flow: Flow) {
        guard flow.sourceAddress.isIPv4, flow.destinationAddress.isIPv4 else { return nil }
        self.init(
            clientAddress: flow.sourceAddress.v4Bits, clientPort: flow.sourcePort,
            targetAddress: flow.destinationAddress.v4Bits, targetPort: flow.destinationPort)
    }

    /// From client to target.
    var flow: Flow {
        Flow(
            from: Endpoint(IPAddress(v4: clientAddress), clientPort),
            to: Endpoint(IPAddress(v4: targetAddress), targetPort))
    }
}
