/// A captured TCP segment: its header as a value, its payload borrowed from the capture.
///
/// ```
///  0 source port     2 destination port   4 sequence number   8 acknowledgement number
/// 12 data offset    13 flags             14 window           16 checksum   18 urgent pointer   20 options, payload
/// ```
/// Source: RFC 9293, section 3.1. The checksum is not looked at: offload leaves it wrong in captures on the sender.
public struct TCPSegment: ~Escapable {
    public let header: SegmentHeader
    /// The payload as far as captured; shorter than `header.payloadLength` when the snapshot length cut it.
    public let payload: RawSpan

    public static let transport: UInt8 = 6

    /// Reads the segment inside an IP packet.
    @_lifetime(copy packet)
    public init(_ packet: borrowing IPPacket, at offset: Int = 0) throws(WireError) {
        let bytes = packet.payload
        let start = offset + packet.headerLength
        guard packet.transport == Self.transport else { throw WireError(.otherProtocol, at: start) }
        guard packet.payloadLength >= 20 else { throw WireError(.badLength, at: start) }
        guard bytes.byteCount >= 20 else { throw WireError(.truncated, at: start + bytes.byteCount) }
        let headerLength = Int(bytes.byte(at: 12) >> 4) * 4
        guard headerLength >= 20, headerLength <= packet.payloadLength else {
            throw WireError(.badLength, at: start + 12)
        }
        guard bytes.byteCount >= headerLength else { throw WireError(.truncated, at: start + bytes.byteCount) }
        header = SegmentHeader(
            flow: Flow(
                from: Endpoint(packet.source, bytes.bigEndian16(at: 0)),
                to: Endpoint(packet.destination, bytes.bigEndian16(at: 2))),
            sequence: SequenceNumber(bytes.bigEndian32(at: 4)),
            acknowledgement: SequenceNumber(bytes.bigEndian32(at: 8)),
            flags: TCPFlags(rawValue: bytes.byte(at: 13)),
            window: bytes.bigEndian16(at: 14),
            urgentPointer: bytes.bigEndian16(at: 18),
            options: try TCPOptions(bytes.extracting(20..<headerLength), at: start + 20),
            payloadLength: packet.payloadLength - headerLength)
        payload = bytes.extracting(headerLength...)
    }

    /// Reads the segment in a captured frame.
    ///
    /// - Parameters:
    ///   - frame: the captured bytes.
    ///   - wireLength: the frame's length on the wire, which the snapshot length may have cut.
    @_lifetime(copy frame)
    public init(frame: RawSpan, linkType: LinkType, wireLength: Int) throws(WireError) {
        let link = try LinkFrame(frame, linkType: linkType)
        let packet = try IPPacket(link.packet, wireLength: wireLength - link.headerLength, at: link.headerLength)
        self = try TCPSegment(packet, at: link.headerLength)
    }
}
