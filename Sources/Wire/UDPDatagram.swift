/// A captured UDP datagram: its header as a value, its payload borrowed from the capture.
///
/// ```
///  0 source port     2 destination port     4 length, of header and payload     6 checksum     8 payload
/// ```
/// Source: RFC 768. The checksum is not looked at: offload leaves it wrong in captures on the sender. What an IP packet
/// holds beyond the UDP length is not the payload's.
public struct UDPDatagram: ~Escapable {
    public let header: DatagramHeader
    /// The payload as far as captured; shorter than `header.payloadLength` when the snapshot length cut it.
    public let payload: RawSpan

    public static let transport: UInt8 = 17
    /// Bytes of the header.
    public static let headerLength = 8

    /// Reads the datagram inside an IP packet.
    @_lifetime(copy packet)
    public init(_ packet: borrowing IPPacket, at offset: Int = 0) throws(WireError) {
        let bytes = packet.payload
        let start = offset + packet.headerLength
        guard packet.transport == Self.transport else { throw WireError(.otherProtocol, at: start) }
        guard packet.payloadLength >= Self.headerLength else { throw WireError(.badLength, at: start) }
        guard bytes.byteCount >= Self.headerLength else { throw WireError(.truncated, at: start + bytes.byteCount) }
        let length = Int(bytes.bigEndian16(at: 4))
        guard (Self.headerLength...packet.payloadLength).contains(length) else {
            throw WireError(.badLength, at: start + 4)
        }
        header = DatagramHeader(
            flow: Flow(
                from: Endpoint(packet.source, bytes.bigEndian16(at: 0)),
                to: Endpoint(packet.destination, bytes.bigEndian16(at: 2))),
            payloadLength: length - Self.headerLength)
        payload = bytes.extracting(Self.headerLength..<min(length, bytes.byteCount))
    }

    /// Reads the datagram in a captured frame.
    ///
    /// - Parameters:
    ///   - frame: the captured bytes.
    ///   - wireLength: the frame's length on the wire, which the snapshot length may have cut.
    @_lifetime(copy frame)
    public init(frame: RawSpan, linkType: LinkType, wireLength: Int) throws(WireError) {
        let link = try LinkFrame(frame, linkType: linkType)
        let packet = try IPPacket(link.packet, wireLength: wireLength - link.headerLength, at: link.headerLength)
        self = try UDPDatagram(packet, at: link.headerLength)
    }
}
