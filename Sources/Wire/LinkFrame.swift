/// A captured frame without its link-layer header: where the IP packet starts, after any VLAN tags.
///
/// Sources: IEEE 802.3 and 802.1Q; https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html and _SLL2.html.
public struct LinkFrame: ~Escapable {
    /// The IP packet and whatever trails it (Ethernet padding).
    public let packet: RawSpan
    /// Bytes before the packet.
    public let headerLength: Int
    /// The outermost VLAN's identifier, if the frame carries a tag.
    public let vlan: UInt16?
    /// The source MAC address where the link type has one.
    public let source: MACAddress?

    enum EtherType {
        static let ipv4: UInt16 = 0x0800
        static let ipv6: UInt16 = 0x86dd
        static let vlan: UInt16 = 0x8100
        static let serviceVLAN: UInt16 = 0x88a8
        static let oldServiceVLAN: UInt16 = 0x9100
    }

    /// Finds the IP packet in `frame`.
    ///
    /// - Throws: `.truncated` where the header is cut, `.otherProtocol` for a frame that is not IP.
    @_lifetime(copy frame)
    public init(_ frame: RawSpan, linkType: LinkType) throws(WireError) {
        let length: Int
        var source: MACAddress?
        var vlan: UInt16?
        switch linkType {
        case .ethernet:
            length = try Self.afterTags(in: frame, typeAt: 12, vlan: &vlan)
            source = MACAddress(frame, at: 6)
        case .cooked: length = try Self.afterTags(in: frame, typeAt: 14, vlan: &vlan)
        case .cookedV2:
            // The protocol stands first here, so tags lie after the whole header.
            guard frame.byteCount >= 20 else { throw WireError(.truncated, at: frame.byteCount) }
            length = try Self.afterTags(in: frame, type: frame.bigEndian16(at: 0), from: 20, vlan: &vlan)
        case .raw: length = 0
        case .null:
            guard frame.byteCount >= 4 else { throw WireError(.truncated, at: frame.byteCount) }
            length = 4
        }
        packet = frame.extracting(length...)
        headerLength = length
        self.vlan = vlan
        self.source = source
    }

    private static func afterTags(in frame: RawSpan, typeAt offset: Int, vlan: inout UInt16?) throws(WireError) -> Int {
        guard frame.byteCount >= offset + 2 else { throw WireError(.truncated, at: frame.byteCount) }
        return try afterTags(in: frame, type: frame.bigEndian16(at: offset), from: offset + 2, vlan: &vlan)
    }

    private static func afterTags(
        in frame: RawSpan, type: UInt16, from start: Int, vlan: inout UInt16?
    ) throws(WireError) -> Int {
        var (type, position) = (type, start)
        while type == EtherType.vlan || type == EtherType.serviceVLAN || type == EtherType.oldServiceVLAN {
            guard frame.byteCount >= position + 4 else { throw WireError(.truncated, at: frame.byteCount) }
            vlan = vlan ?? frame.bigEndian16(at: position) & 0x0fff
            type = frame.bigEndian16(at: position + 2)
            position += 4
        }
        guard type == EtherType.ipv4 || type == EtherType.ipv6 else {
            throw WireError(.otherProtocol, at: position - 2)
        }
        return position
    }
}
