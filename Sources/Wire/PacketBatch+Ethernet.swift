extension PacketBatch {
    /// Bytes of an Ethernet II header.
    public static let ethernetHeaderLength = 14

    /// Writes an Ethernet header into the room before packet `index`, and lends the whole frame.
    @_lifetime(&self)
    public mutating func ethernetFrame(_ index: Int, from source: MACAddress, to destination: MACAddress) -> RawSpan {
        let packet = entries[index].start
        let start = packet - Self.ethernetHeaderLength
        var bytes = bytes
        destination.write(to: &bytes, at: start)
        source.write(to: &bytes, at: start + 6)
        let isIPv4 = bytes.bytes.byte(at: packet) >> 4 == 4
        bytes.storeBigEndian(isIPv4 ? LinkFrame.EtherType.ipv4 : LinkFrame.EtherType.ipv6, at: start + 12)
        return frame(index, headerLength: Self.ethernetHeaderLength)
    }
}
