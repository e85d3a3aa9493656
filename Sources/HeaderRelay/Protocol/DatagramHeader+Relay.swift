import NIOCore
import Wire

/// A relayed answer of UDP on the wire, numbers in network order; its size does not depend on the answer's payload.
///
/// ```
///  0 length of all 16   2 kind 8   3 zero 8   4 source port 16    6 destination port 16
///  8 payload length 16  10 zero 16
/// 12 source address, destination address: 4 bytes each (kind 18) or 16 each (kind 19)
/// ```
extension DatagramHeader {
    private enum Offset {
        static let sourcePort = 4
        static let destinationPort = 6
        static let payloadLength = 8
        static let addresses = 12
    }

    private static func byteCount(isIPv4: Bool) -> Int { Offset.addresses + (isIPv4 ? 8 : 32) }

    var relayKind: RelayMessage.Kind { isIPv4 ? .answerIPv4 : .answerIPv6 }

    private var isIPv4: Bool { flow.sourceAddress.isIPv4 && flow.destinationAddress.isIPv4 }

    /// Appends the record to `buffer`.
    func writeRelayed(to buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt16(Self.byteCount(isIPv4: isIPv4)))
        buffer.writeInteger(relayKind.rawValue)
        buffer.writeInteger(0 as UInt8)
        buffer.writeInteger(flow.sourcePort)
        buffer.writeInteger(flow.destinationPort)
        buffer.writeInteger(UInt16(clamping: payloadLength))
        buffer.writeInteger(0 as UInt16)
        if isIPv4 {
            buffer.writeInteger(flow.sourceAddress.v4Bits)
            buffer.writeInteger(flow.destinationAddress.v4Bits)
        } else {
            buffer.writeAddress(flow.sourceAddress)
            buffer.writeAddress(flow.destinationAddress)
        }
    }

    /// Reads a record of which `bytes` are all, its kind known to be `kind`.
    init(relayed bytes: RawSpan, kind: RelayMessage.Kind) throws(RelayFault) {
        let isIPv4 = kind == .answerIPv4
        guard bytes.byteCount == Self.byteCount(isIPv4: isIPv4) else {
            throw .badLength(kind: kind.rawValue, length: bytes.byteCount)
        }
        let source: IPAddress
        let destination: IPAddress
        if isIPv4 {
            source = IPAddress(v4: bytes.bigEndian32(at: Offset.addresses))
            destination = IPAddress(v4: bytes.bigEndian32(at: Offset.addresses + 4))
        } else {
            source = bytes.address(at: Offset.addresses)
            destination = bytes.address(at: Offset.addresses + 16)
        }
        self.init(
            flow: Flow(
                from: Endpoint(source, bytes.bigEndian16(at: Offset.sourcePort)),
                to: Endpoint(destination, bytes.bigEndian16(at: Offset.destinationPort))),
            payloadLength: Int(bytes.bigEndian16(at: Offset.payloadLength)))
    }
}
