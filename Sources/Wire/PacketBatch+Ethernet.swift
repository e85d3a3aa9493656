extension PacketBatch {
    /// Bytes of an Ethernet II header.
    public static let ethernetHeaderLength = 14

    /// Writes an Ethernet header into the room before packet `index`, and lends the whole frame.
    @_lifetime(&self)
    public mutating func ethernetFrame(_ index: Int, from source: MACAddress, to destination: MACAddress) -> RawSpan {
        let packet = entries[index].start
        let start = packet - Self.ethernetHeaderLength
        var bytes = bytes
        let isIPv4 = bytes.bytes.byte(at: packet) >> 4 == 4
        Self.writeEthernetHeader(from: source, to: destination, isIPv4: isIPv4, into: &bytes, at: start)
        return frame(index, headerLength: Self.ethernetHeaderLength)
    }

    private static func writeEthernetHeader(
        from source: MACAddress, to destination: MACAddress, isIPv4: Bool, into bytes: inout MutableRawSpan,
        at offset: Int
    ) {
        destination.write(to: &bytes, at: offset)
        source.write(to: &bytes, at: offset + 6)
        bytes.storeBigEndian(isIPv4 ? LinkFrame.EtherType.ipv4 : LinkFrame.EtherType.ipv6, at: offset + 12)
    }

    /// Writes all headers of a whole run as one frame to `offset`, as `writeHeaders(of:into:at:)` does.
    ///
    /// - Precondition: `ethernetHeaderLength + run.headerLength` bytes fit.
    public func writeFrameHeaders(
        of run: SegmentRun, from source: MACAddress, to destination: MACAddress, into bytes: inout MutableRawSpan,
        at offset: Int
    ) {
        Self.writeEthernetHeader(
            from: source, to: destination, isIPv4: run.networkLength == 20, into: &bytes, at: offset)
        writeHeaders(of: run, into: &bytes, at: offset + Self.ethernetHeaderLength)
    }
}
