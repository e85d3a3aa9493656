import NIOCore
import Wire

extension RawSpan {
    /// An address in 16 bytes, IPv4 in its mapped form.
    func address(at offset: Int) -> IPAddress {
        IPAddress(high: bigEndian64(at: offset), low: bigEndian64(at: offset + 8))
    }
}

extension MutableRawSpan {
    @_lifetime(self: copy self)
    mutating func storeAddress(_ address: IPAddress, at offset: Int) {
        storeBigEndian(address.high, at: offset)
        storeBigEndian(address.low, at: offset + 8)
    }
}

extension ByteBuffer {
    mutating func writeAddress(_ address: IPAddress) {
        writeInteger(address.high)
        writeInteger(address.low)
    }
}

extension Flow {
    /// Bytes of a flow in a message: two addresses, two ports.
    static let relayedByteCount = 36

    init(relayed bytes: RawSpan, at offset: Int) {
        self.init(
            from: Endpoint(bytes.address(at: offset), bytes.bigEndian16(at: offset + 32)),
            to: Endpoint(bytes.address(at: offset + 16), bytes.bigEndian16(at: offset + 34)))
    }

    func writeRelayed(to buffer: inout ByteBuffer) {
        buffer.writeAddress(sourceAddress)
        buffer.writeAddress(destinationAddress)
        buffer.writeInteger(sourcePort)
        buffer.writeInteger(destinationPort)
    }
}
