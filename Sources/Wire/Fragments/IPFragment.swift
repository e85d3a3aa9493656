/// One fragment of an IP datagram: what it is part of, and which part it is.
///
/// ```
/// IPv4 (RFC 791)                                     IPv6 fragment header (RFC 8200, section 4.5)
///  4 identification                                   0 next header    1 reserved
///  6 flags (more fragments: 0x2000), offset in 8s     2 offset in 8s, reserved, more fragments (1)
///                                                     4 identification
/// ```
public struct IPFragment: ~Escapable {
    /// What all fragments of one datagram have in common.
    public struct Datagram: Hashable, Sendable {
        public var source: IPAddress
        public var destination: IPAddress
        public var identification: UInt32
        /// IPv4 keeps the identifications of protocols apart, IPv6 does not: 0 there.
        public var transport: UInt8
    }

    public let datagram: Datagram
    /// Where the fragment's bytes lie in the datagram's payload.
    public let offset: Int
    /// Bytes of the datagram's payload that were on the wire.
    public let length: Int
    public let isLast: Bool
    /// The headers that stand before the payload of every fragment, without the fragment header.
    public let header: RawSpan
    /// The payload as far as captured.
    public let payload: RawSpan
    /// The protocol number of the datagram's payload.
    public let transport: UInt8
    /// Where in `header` that number stands.
    let transportAt: Int

    /// The longest payload that a length field can tell.
    static let longest = 65_535

    /// Reads the fragment at the start of `packet`.
    ///
    /// - Parameters:
    ///   - packet: the captured bytes, from the IP header on.
    ///   - wireLength: bytes that were on the wire from there on.
    /// - Throws: `.otherProtocol` for what is no fragment; `.badLength` for one that no datagram can hold: empty, beyond 64 KiB,
    ///   or of a length that is no multiple of 8 although more follow.
    @_lifetime(copy packet)
    public init(_ packet: RawSpan, wireLength: Int) throws(WireError) {
        guard packet.byteCount >= 1 else { throw WireError(.truncated, at: 0) }
        switch packet.byte(at: 0) >> 4 {
        case 4: self = try IPFragment(v4: packet, wireLength: wireLength)
        case 6: self = try IPFragment(v6: packet, wireLength: wireLength)
        default: throw WireError(.malformed, at: 0)
        }
        let end = header.byteCount - (datagram.source.isIPv4 ? 0 : 40) + offset + length
        guard length > 0, end <= Self.longest, isLast || length % 8 == 0 else { throw WireError(.badLength, at: 0) }
    }

    @_lifetime(copy packet)
    private init(v4 packet: RawSpan, wireLength: Int) throws(WireError) {
        guard packet.byteCount >= 20 else { throw WireError(.truncated, at: packet.byteCount) }
        let headerLength = Int(packet.byte(at: 0) & 0x0f) * 4
        let total = Int(packet.bigEndian16(at: 2))
        guard headerLength >= 20, (headerLength...max(headerLength, wireLength)).contains(total) else {
            throw WireError(.badLength, at: 0)
        }
        guard packet.byteCount >= headerLength else { throw WireError(.truncated, at: packet.byteCount) }
        let place = packet.bigEndian16(at: 6)
        guard place & 0x3fff != 0 else { throw WireError(.otherProtocol, at: 6) }
        transport = packet.byte(at: 9)
        transportAt = 9
        datagram = Datagram(
            source: IPAddress(v4: packet.bigEndian32(at: 12)), destination: IPAddress(v4: packet.bigEndian32(at: 16)),
            identification: UInt32(packet.bigEndian16(at: 4)), transport: transport)
        offset = Int(place & 0x1fff) * 8
        length = total - headerLength
        isLast = place & 0x2000 == 0
        header = packet.extracting(first: headerLength)
        payload = packet.extracting(headerLength..<min(total, packet.byteCount))
    }

    @_lifetime(copy packet)
    private init(v6 packet: RawSpan, wireLength: Int) throws(WireError) {
        guard packet.byteCount >= 40 else { throw WireError(.truncated, at: packet.byteCount) }
        let total = 40 + Int(packet.bigEndian16(at: 4))
        guard total <= wireLength else { throw WireError(.badLength, at: 4) }
        var (position, nextAt) = (40, 6)
        var next = packet.byte(at: nextAt)
        while next != IPPacket.ExtensionHeader.fragment {
            guard IPPacket.ExtensionHeader.isKnown(next) else { throw WireError(.otherProtocol, at: position) }
            guard packet.byteCount >= position + 8 else { throw WireError(.truncated, at: packet.byteCount) }
            nextAt = position
            next = packet.byte(at: position)
            position += (Int(packet.byte(at: position + 1)) + 1) * 8
        }
        guard total >= position + 8 else { throw WireError(.badLength, at: 4) }
        guard packet.byteCount >= position + 8 else { throw WireError(.truncated, at: packet.byteCount) }
        let place = packet.bigEndian16(at: position + 2)
        transport = packet.byte(at: position)
        transportAt = nextAt
        datagram = Datagram(
            source: IPAddress(high: packet.bigEndian64(at: 8), low: packet.bigEndian64(at: 16)),
            destination: IPAddress(high: packet.bigEndian64(at: 24), low: packet.bigEndian64(at: 32)),
            identification: packet.bigEndian32(at: position + 4), transport: 0)
        offset = Int(place & 0xfff8)
        length = total - position - 8
        isLast = place & 1 == 0
        header = packet.extracting(first: position)
        payload = packet.extracting(position + 8..<min(total, packet.byteCount))
    }
}
