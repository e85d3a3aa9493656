/// An IPv4 or IPv6 packet, its header checked once: addresses, protocol, and where the transport header lies.
///
/// ```
/// IPv4 (RFC 791)                                  IPv6 (RFC 8200)
///  0 version, IHL   1 TOS     2 total length       0 version, class, flow label   4 payload length
///  4 identification 6 flags, fragment offset       6 next header  7 hop limit
///  8 TTL            9 protocol 10 checksum         8 source      24 destination
/// 12 source        16 destination                 40 extension headers, payload
/// ```
public struct IPPacket: ~Escapable {
    public let source: IPAddress
    public let destination: IPAddress
    /// The protocol number after any IPv6 extension headers; 6 is TCP.
    public let transport: UInt8
    /// The transport header and payload as far as captured, without Ethernet padding.
    public let payload: RawSpan
    /// Bytes of transport header and payload that were on the wire, by the length field.
    public let payloadLength: Int
    /// Bytes before `payload` in the packet.
    public let headerLength: Int
    /// The upper six bits are DSCP, the lower two ECN (RFC 3168).
    public let trafficClass: UInt8

    /// Reads the header at the start of `packet`.
    ///
    /// - Parameters:
    ///   - packet: the captured bytes, possibly cut by the snapshot length, possibly followed by padding.
    ///   - wireLength: bytes that were on the wire from the IP header on; it stands in for a length field of 0, which
    ///     captures of offloaded super-segments have. A length field beyond it is an error, as it is to a receiver.
    ///   - offset: where `packet` starts in its frame, for the error.
    @_lifetime(copy packet)
    public init(_ packet: RawSpan, wireLength: Int, at offset: Int = 0) throws(WireError) {
        guard packet.byteCount >= 1 else { throw WireError(.truncated, at: offset) }
        switch packet.byte(at: 0) >> 4 {
        case 4: self = try IPPacket(v4: packet, wireLength: wireLength, at: offset)
        case 6: self = try IPPacket(v6: packet, wireLength: wireLength, at: offset)
        default: throw WireError(.malformed, at: offset)
        }
    }

    @_lifetime(copy packet)
    private init(v4 packet: RawSpan, wireLength: Int, at offset: Int) throws(WireError) {
        guard packet.byteCount >= 20 else { throw WireError(.truncated, at: offset + packet.byteCount) }
        let header = Int(packet.byte(at: 0) & 0x0f) * 4
        let lengthField = Int(packet.bigEndian16(at: 2))
        let total = lengthField == 0 ? wireLength : lengthField
        guard header >= 20, (header...max(header, wireLength)).contains(total) else {
            throw WireError(.badLength, at: offset)
        }
        guard packet.byteCount >= header else { throw WireError(.truncated, at: offset + packet.byteCount) }
        guard packet.bigEndian16(at: 6) & 0x3fff == 0 else { throw WireError(.fragment, at: offset + 6) }
        source = IPAddress(v4: packet.bigEndian32(at: 12))
        destination = IPAddress(v4: packet.bigEndian32(at: 16))
        transport = packet.byte(at: 9)
        trafficClass = packet.byte(at: 1)
        payload = packet.extracting(header..<min(total, packet.byteCount))
        payloadLength = total - header
        headerLength = header
    }

    @_lifetime(copy packet)
    private init(v6 packet: RawSpan, wireLength: Int, at offset: Int) throws(WireError) {
        guard packet.byteCount >= 40 else { throw WireError(.truncated, at: offset + packet.byteCount) }
        let lengthField = Int(packet.bigEndian16(at: 4))
        let total = lengthField == 0 ? wireLength : 40 + lengthField
        guard (40...max(40, wireLength)).contains(total) else { throw WireError(.badLength, at: offset + 4) }
        var position = 40
        var next = packet.byte(at: 6)
        while let length = try Self.extensionLength(next, in: packet, at: position, frameOffset: offset) {
            next = packet.byte(at: position)
            position += length
        }
        guard total >= position else { throw WireError(.badLength, at: offset + 4) }
        guard packet.byteCount >= position else { throw WireError(.truncated, at: offset + packet.byteCount) }
        source = IPAddress(high: packet.bigEndian64(at: 8), low: packet.bigEndian64(at: 16))
        destination = IPAddress(high: packet.bigEndian64(at: 24), low: packet.bigEndian64(at: 32))
        transport = next
        trafficClass = UInt8(truncatingIfNeeded: packet.bigEndian16(at: 0) >> 4)
        payload = packet.extracting(position..<min(total, packet.byteCount))
        payloadLength = total - position
        headerLength = position
    }

    /// Headers that may stand between the IPv6 header and the transport's.
    enum ExtensionHeader {
        static let fragment: UInt8 = 44

        /// Whether this is the number of one: hop-by-hop options, routing, fragment, destination options, mobility.
        static func isKnown(_ number: UInt8) -> Bool {
            switch number {
            case 0, 43, fragment, 60, 135: true
            default: false
            }
        }
    }

    /// The length of the extension header of kind `next` at `position`; nil when `next` is no extension header.
    private static func extensionLength(
        _ next: UInt8, in packet: RawSpan, at position: Int, frameOffset: Int
    ) throws(WireError) -> Int? {
        guard ExtensionHeader.isKnown(next) else { return nil }
        guard packet.byteCount >= position + 8 else { throw WireError(.truncated, at: frameOffset + packet.byteCount) }
        guard next == ExtensionHeader.fragment else { return (Int(packet.byte(at: position + 1)) + 1) * 8 }
        // An "atomic" fragment is the whole datagram (RFC 6946).
        guard packet.bigEndian16(at: position + 2) & 0xfff9 == 0 else {
            throw WireError(.fragment, at: frameOffset + position)
        }
        return 8
    }
}
