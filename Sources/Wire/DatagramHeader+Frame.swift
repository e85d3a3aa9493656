extension DatagramHeader {
    /// Reads the header in a captured frame, also where the frame holds only the first fragment of a datagram.
    ///
    /// - Parameters:
    ///   - frame: the captured bytes.
    ///   - wireLength: the frame's length on the wire, which the snapshot length may have cut.
    /// - Throws: `.fragment` for any but the first.
    public init(frame: RawSpan, linkType: LinkType, wireLength: Int) throws(WireError) {
        do throws(WireError) {
            self = try UDPDatagram(frame: frame, linkType: linkType, wireLength: wireLength).header
        } catch {
            guard error.kind == .fragment else { throw error }
            let link = try LinkFrame(frame, linkType: linkType)
            let fragment = try IPFragment(link.packet, wireLength: wireLength - link.headerLength)
            self = try DatagramHeader(fragment, at: link.headerLength)
        }
    }

    private init(_ fragment: borrowing IPFragment, at offset: Int) throws(WireError) {
        let (bytes, start) = (fragment.payload, offset + fragment.header.byteCount)
        guard fragment.transport == UDPDatagram.transport else { throw WireError(.otherProtocol, at: offset) }
        guard fragment.offset == 0 else { throw WireError(.fragment, at: offset) }
        guard bytes.byteCount >= UDPDatagram.headerLength else { throw WireError(.truncated, at: offset) }
        let length = Int(bytes.bigEndian16(at: 4))
        guard length >= UDPDatagram.headerLength else { throw WireError(.badLength, at: start) }
        self.init(
            flow: Flow(
                from: Endpoint(fragment.datagram.source, bytes.bigEndian16(at: 0)),
                to: Endpoint(fragment.datagram.destination, bytes.bigEndian16(at: 2))),
            payloadLength: length - UDPDatagram.headerLength)
    }
}
