/// Data segments of one connection that stand behind one another in a batch and follow each other without a gap: what
/// segmentation offload knows as one large packet, which is cut again where it leaves the host.
public struct SegmentRun: Equatable, Sendable {
    /// The first of its packets in the batch, and how many there are.
    public let first: Int
    public let count: Int
    /// Bytes of the IP header, and of both headers, the same in each.
    public let networkLength: Int
    public let headerLength: Int
    /// Bytes of payload in all but the last, which may have fewer, and in all together.
    public let segmentSize: Int
    public let payloadLength: Int

    /// What an IPv4 packet can hold.
    static let largestPacket = 65_535
    /// Joining costs a call of its own; below this a segment is no bulk.
    static let smallestSegment = 512
}

extension PacketBatch {
    /// The longest run that begins with packet `index`; nil where the next packet does not go on with it.
    public func run(from index: Int) -> SegmentRun? {
        guard index + 1 < count, entries[index].length >= SegmentRun.smallestSegment,
            follows(index + 1, networkLength: networkLength(index))
        else { return nil }
        let networkLength = networkLength(index)
        let headerLength = headerLength(index, networkLength: networkLength)
        let segmentSize = entries[index].length - headerLength
        var next = index + 1
        var payloadLength = segmentSize
        while next < count, follows(next, networkLength: networkLength) {
            let length = entries[next].length - headerLength
            guard length <= segmentSize, headerLength + payloadLength + length <= SegmentRun.largestPacket
            else { break }
            payloadLength += length
            next += 1
            if length < segmentSize { break }
        }
        guard next > index + 1 else { return nil }
        return SegmentRun(
            first: index, count: next - index, networkLength: networkLength, headerLength: headerLength,
            segmentSize: segmentSize, payloadLength: payloadLength)
    }

    /// The payload of a packet of this run.
    @_lifetime(borrow self)
    public func payload(_ index: Int, of run: SegmentRun) -> RawSpan { packet(index).extracting(run.headerLength...) }

    /// Writes the headers of the whole run as one packet to `offset`. The TCP checksum is that of the pseudo-header only:
    /// whoever cuts the packet, or takes it whole, completes it.
    ///
    /// - Precondition: `headerLength` bytes fit.
    public func writeHeaders(of run: SegmentRun, into bytes: inout MutableRawSpan, at offset: Int) {
        let packet = packet(run.first)
        let transport = offset + run.networkLength
        let transportLength = run.headerLength - run.networkLength + run.payloadLength
        bytes.copy(packet.extracting(..<run.headerLength), to: offset)
        var checksum = InternetChecksum()
        if run.networkLength == 20 {
            bytes.storeBigEndian(UInt16(truncatingIfNeeded: run.headerLength + run.payloadLength), at: offset + 2)
            bytes.storeBigEndian(0 as UInt16, at: offset + 10)
            var header = InternetChecksum()
            header.add(bytes.bytes.extracting(offset..<transport))
            bytes.storeBigEndian(header.value, at: offset + 10)
            checksum.add(packet.extracting(12..<20))
        } else {
            bytes.storeBigEndian(UInt16(truncatingIfNeeded: transportLength), at: offset + 4)
            checksum.add(packet.extracting(8..<40))
        }
        checksum.add(UInt16(TCPSegment.transport))
        checksum.add(UInt16(truncatingIfNeeded: transportLength))
        bytes.storeBigEndian(~checksum.value, at: transport + 16)
        // The last segment's flags: PSH and FIN come with the end of the data.
        bytes.store(self.packet(run.first + run.count - 1).byte(at: run.networkLength + 13), at: transport + 13)
    }

    private func networkLength(_ index: Int) -> Int { packet(index).byte(at: 0) >> 4 == 4 ? 20 : 40 }

    private func headerLength(_ index: Int, networkLength: Int) -> Int {
        networkLength + Int(packet(index).byte(at: networkLength + 12) >> 4) * 4
    }

    /// Whether packet `index` is the segment after the one before it: the same headers, but for lengths, checksums and the
    /// sequence number, and payload in both.
    private func follows(_ index: Int, networkLength: Int) -> Bool {
        let (one, other) = (entries[index - 1], entries[index])
        guard one.target == other.target, other.length > networkLength + 20 else { return false }
        let (before, packet) = (self.packet(index - 1), self.packet(index))
        let transport = networkLength
        let headerLength = headerLength(index - 1, networkLength: networkLength)
        let flags = TCPFlags(rawValue: packet.byte(at: transport + 13))
        guard packet.byte(at: networkLength == 20 ? 9 : 6) == TCPSegment.transport,
            before.byte(at: transport + 13) == TCPFlags.ack.rawValue,
            flags.subtracting([.psh, .fin]) == .ack,
            one.length > headerLength, other.length > headerLength,
            before.bigEndian32(at: transport + 4) &+ UInt32(one.length - headerLength)
                == packet.bigEndian32(at: transport + 4)
        else { return false }
        // Version and class, identification to protocol, addresses; ports; acknowledgement and data offset; window; options.
        if networkLength == 20 {
            guard before.bigEndian16(at: 0) == packet.bigEndian16(at: 0),
                isSame(before, packet, 4..<10), isSame(before, packet, 12..<20)
            else { return false }
        } else {
            guard isSame(before, packet, 0..<4), isSame(before, packet, 6..<40) else { return false }
        }
        return isSame(before, packet, transport..<transport + 4)
            && isSame(before, packet, transport + 8..<transport + 13)
            && isSame(before, packet, transport + 14..<transport + 16)
            && isSame(before, packet, transport + 18..<headerLength)
    }

    private func isSame(_ one: RawSpan, _ other: RawSpan, _ range: Range<Int>) -> Bool {
        var offset = range.lowerBound
        while offset + 4 <= range.upperBound {
            guard one.native32(at: offset) == other.native32(at: offset) else { return false }
            offset += 4
        }
        while offset < range.upperBound {
            guard one.byte(at: offset) == other.byte(at: offset) else { return false }
            offset += 1
        }
        return true
    }
}
