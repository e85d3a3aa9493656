// Every IP header that leaves is written here, in two steps: what is known beforehand, and what its payload tells.
extension MutableRawSpan {
    /// A packet's IP header but for its length and checksum: no options, TTL and hop limit 64, not in fragments.
    ///
    /// - Parameter transport: the number of the protocol in it.
    @_lifetime(self: copy self)
    mutating func writeIPHeader(_ flow: Flow, of transport: UInt8, at start: Int) {
        if flow.sourceAddress.isIPv4 {
            // Identification 0 with "don't fragment" (RFC 6864, section 4.1).
            storeBigEndian(0x4500_0000_0000_4000 as UInt64, at: start)
            let life = 0x4000_0000_0000_0000 | UInt64(transport) << 48
            storeBigEndian(life | UInt64(flow.sourceAddress.v4Bits), at: start + 8)
            storeBigEndian(flow.destinationAddress.v4Bits, at: start + 16)
        } else {
            storeBigEndian(0x6000_0000_0000_0040 | UInt64(transport) << 8, at: start)
            storeBigEndian(flow.sourceAddress.high, at: start + 8)
            storeBigEndian(flow.sourceAddress.low, at: start + 16)
            storeBigEndian(flow.destinationAddress.high, at: start + 24)
            storeBigEndian(flow.destinationAddress.low, at: start + 32)
        }
    }

    /// Makes the packet one of several, which carries the datagram's bytes from `offset` on: in its header, or in a fragment header
    /// behind it (RFC 791, section 3.2; RFC 8200, section 4.5).
    @_lifetime(self: copy self)
    mutating func markFragment(
        of transport: UInt8, isIPv4: Bool, offset: Int, isLast: Bool, identification: UInt32, at start: Int
    ) {
        let offset = UInt32(truncatingIfNeeded: offset)
        if isIPv4 {
            storeBigEndian(identification << 16 | (isLast ? 0 : 0x2000) | offset / 8, at: start + 4)
        } else {
            // Next header 44, hop limit 64.
            storeBigEndian(44 << 8 | 64 as UInt16, at: start + 6)
            storeBigEndian(UInt32(transport) << 24 | offset | (isLast ? 0 : 1), at: start + 40)
            storeBigEndian(identification, at: start + 44)
        }
    }

    /// Enters the packet's length and, for IPv4, the checksum.
    ///
    /// - Parameter packetLength: bytes from the header's first on.
    @_lifetime(self: copy self)
    mutating func completeIPHeader(isIPv4: Bool, packetLength: Int, at start: Int) {
        if isIPv4 {
            storeBigEndian(UInt16(truncatingIfNeeded: packetLength), at: start + 2)
            var checksum = InternetChecksum()
            checksum.add(bytes.extracting(start..<start + 20))
            storeBigEndian(checksum.value, at: start + 10)
        } else {
            storeBigEndian(UInt16(truncatingIfNeeded: packetLength - 40), at: start + 4)
        }
    }
}
