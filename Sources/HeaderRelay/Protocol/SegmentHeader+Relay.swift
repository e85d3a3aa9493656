import NIOCore
import Wire

/// A relayed response header on the wire, numbers in network order; its size does not depend on the response's payload.
///
/// ```
///  0 length of all 16   2 kind 8   3 TCP flags 8   4 source port 16    6 destination port 16
///  8 sequence 32       12 acknowledgement 32      16 window 16        18 urgent pointer 16
/// 20 payload length 32
/// 24 source address, destination address: 4 bytes each (kind 16) or 16 each (kind 17)
/// 32 or 56 TCP options as in a segment, 0 to 40 bytes
/// ```
extension SegmentHeader {
    private enum Offset {
        static let kind = 2
        static let flags = 3
        static let sourcePort = 4
        static let destinationPort = 6
        static let sequence = 8
        static let acknowledgement = 12
        static let window = 16
        static let urgentPointer = 18
        static let payloadLength = 20
        static let addresses = 24
        static let optionsIPv4 = 32
        static let optionsIPv6 = 56
    }

    var relayKind: RelayMessage.Kind { isIPv4 ? .headerIPv4 : .headerIPv6 }

    /// One address of IPv6 makes it an IPv6 record, which holds IPv4 addresses too.
    private var isIPv4: Bool { flow.sourceAddress.isIPv4 && flow.destinationAddress.isIPv4 }

    /// Appends the record to `buffer`.
    func writeRelayed(to buffer: inout ByteBuffer) {
        let start = buffer.readableBytes
        let optionsAt = isIPv4 ? Offset.optionsIPv4 : Offset.optionsIPv6
        let length = optionsAt + options.byteCount
        buffer.writeRepeatingByte(0, count: length)
        var bytes = buffer.mutableReadableBytesSpan
        bytes.storeBigEndian(UInt16(truncatingIfNeeded: length), at: start)
        bytes.store(relayKind.rawValue, at: start + Offset.kind)
        bytes.store(flags.rawValue, at: start + Offset.flags)
        bytes.storeBigEndian(flow.sourcePort, at: start + Offset.sourcePort)
        bytes.storeBigEndian(flow.destinationPort, at: start + Offset.destinationPort)
        bytes.storeBigEndian(sequence.rawValue, at: start + Offset.sequence)
        bytes.storeBigEndian(acknowledgement.rawValue, at: start + Offset.acknowledgement)
        bytes.storeBigEndian(window, at: start + Offset.window)
        bytes.storeBigEndian(urgentPointer, at: start + Offset.urgentPointer)
        bytes.storeBigEndian(UInt32(clamping: payloadLength), at: start + Offset.payloadLength)
        if isIPv4 {
            bytes.storeBigEndian(flow.sourceAddress.v4Bits, at: start + Offset.addresses)
            bytes.storeBigEndian(flow.destinationAddress.v4Bits, at: start + Offset.addresses + 4)
        } else {
            bytes.storeAddress(flow.sourceAddress, at: start + Offset.addresses)
            bytes.storeAddress(flow.destinationAddress, at: start + Offset.addresses + 16)
        }
        options.write(to: &bytes, at: start + optionsAt)
    }

    /// Reads a record of which `bytes` are all, its kind known to be `kind`.
    init(relayed bytes: RawSpan, kind: RelayMessage.Kind) throws(RelayFault) {
        let isIPv4 = kind == .headerIPv4
        let optionsAt = isIPv4 ? Offset.optionsIPv4 : Offset.optionsIPv6
        guard (optionsAt...optionsAt + 40).contains(bytes.byteCount) else {
            throw .badLength(kind: kind.rawValue, length: bytes.byteCount)
        }
        let payloadLength = bytes.bigEndian32(at: Offset.payloadLength)
        guard payloadLength < RelayProtocol.maximumPayloadLength else { throw .malformed(kind: kind.rawValue) }
        let source: IPAddress
        let destination: IPAddress
        if isIPv4 {
            source = IPAddress(v4: bytes.bigEndian32(at: Offset.addresses))
            destination = IPAddress(v4: bytes.bigEndian32(at: Offset.addresses + 4))
        } else {
            source = bytes.address(at: Offset.addresses)
            destination = bytes.address(at: Offset.addresses + 16)
        }
        let options: TCPOptions
        do {
            options = try TCPOptions(bytes.extracting(optionsAt...))
        } catch {
            throw .malformed(kind: kind.rawValue)
        }
        self.init(
            flow: Flow(
                from: Endpoint(source, bytes.bigEndian16(at: Offset.sourcePort)),
                to: Endpoint(destination, bytes.bigEndian16(at: Offset.destinationPort))),
            sequence: SequenceNumber(bytes.bigEndian32(at: Offset.sequence)),
            acknowledgement: SequenceNumber(bytes.bigEndian32(at: Offset.acknowledgement)),
            flags: TCPFlags(rawValue: bytes.byte(at: Offset.flags)),
            window: bytes.bigEndian16(at: Offset.window),
            urgentPointer: bytes.bigEndian16(at: Offset.urgentPointer),
            options: options,
            payloadLength: Int(payloadLength))
    }
}
