extension PacketBatch {
    /// How a datagram is laid out in IP packets of a bounded size.
    private struct Layout {
        let isIPv4: Bool
        /// Bytes of the UDP header and the payload.
        let length: Int
        /// Bytes of the IP headers of each packet.
        let headerLength: Int
        /// Bytes of UDP header and payload in each packet but the last.
        let share: Int
        let count: Int

        init(isIPv4: Bool, payloadLength: Int, packetSize: Int) {
            self.isIPv4 = isIPv4
            length = UDPDatagram.headerLength + payloadLength
            let fixed = isIPv4 ? 20 : 40
            // What every link carries (RFC 791, section 3.2; RFC 8200, section 5).
            let size = max(packetSize, isIPv4 ? 68 : 1280)
            guard fixed + length > size else {
                (headerLength, share, count) = (fixed, length, 1)
                return
            }
            headerLength = isIPv4 ? 20 : 48
            // Fragment offsets count units of eight bytes.
            share = (size - headerLength) & ~7
            count = (length + share - 1) / share
        }

        func part(_ index: Int) -> Range<Int> { index * share..<min(length, (index + 1) * share) }

        /// Bytes of all packets, with the room before each.
        var byteCount: Int { length + count * (PacketBatch.linkHeaderRoom + headerLength + 3) }
    }

    /// Whether a datagram still fits, with all its fragments. An empty batch of the usual capacity takes any.
    public func hasRoom(datagramOf payloadLength: Int, isIPv4: Bool, packetSize: Int) -> Bool {
        let layout = Layout(isIPv4: isIPv4, payloadLength: payloadLength, packetSize: packetSize)
        return hasRoom(packets: layout.count, bytes: layout.byteCount)
    }

    /// Writes a UDP datagram, as IP fragments where it is larger than `packetSize`.
    ///
    /// - Parameters:
    ///   - packetSize: bytes of the largest IP packet on the path.
    ///   - identification: tells the fragments of this datagram from those of others (RFC 791, RFC 8200); IPv4 takes its
    ///     lower half.
    /// - Precondition: `hasRoom`.
    public mutating func writeDatagram(
        _ flow: Flow, payload: RawSpan, packetSize: Int, identification: UInt32, target: Int
    ) {
        let layout = Layout(
            isIPv4: flow.sourceAddress.isIPv4, payloadLength: payload.byteCount, packetSize: packetSize)
        let header = UDPDatagram.headerLength
        for index in 0..<layout.count {
            let part = layout.part(index)
            let start = addPacket(length: layout.headerLength + part.count, target: target)
            let position = start + layout.headerLength
            var bytes = bytes
            bytes.writeIPHeader(flow, of: UDPDatagram.transport, at: start)
            if layout.count > 1 {
                bytes.markFragment(
                    of: UDPDatagram.transport, isIPv4: layout.isIPv4, offset: part.lowerBound,
                    isLast: index == layout.count - 1, identification: identification, at: start)
            }
            bytes.completeIPHeader(
                isIPv4: layout.isIPv4, packetLength: layout.headerLength + part.count, at: start)
            if index == 0 {
                bytes.writeUDP(flow, payload, at: position)
                bytes.copy(payload.extracting(..<(part.upperBound - header)), to: position + header)
            } else {
                bytes.copy(payload.extracting(part.lowerBound - header..<part.upperBound - header), to: position)
            }
        }
    }
}

extension MutableRawSpan {
    /// The UDP header of a datagram with this payload.
    @_lifetime(self: copy self)
    fileprivate mutating func writeUDP(_ flow: Flow, _ payload: RawSpan, at start: Int) {
        let length = UInt16(truncatingIfNeeded: UDPDatagram.headerLength + payload.byteCount)
        var checksum = InternetChecksum()
        checksum.add(flow.sourceAddress)
        checksum.add(flow.destinationAddress)
        checksum.add(UInt16(UDPDatagram.transport))
        // The length stands in the pseudo-header and in the header.
        checksum.add(length)
        checksum.add(flow.sourcePort)
        checksum.add(flow.destinationPort)
        checksum.add(length)
        checksum.add(payload)
        storeBigEndian(flow.sourcePort, at: start)
        storeBigEndian(flow.destinationPort, at: start + 2)
        storeBigEndian(length, at: start + 4)
        // Zero would say that there is no checksum (RFC 768).
        storeBigEndian(checksum.value == 0 ? 0xffff : checksum.value, at: start + 6)
    }
}
