/// IP packets on their way out: written one after another into one buffer, flushed together.
///
/// Each packet is preceded by `linkHeaderRoom` bytes in which the injector writes the link-layer header, so that a whole
/// frame is contiguous without another copy. The buffer is allocated once.
///
/// A segment is written in three steps: `begin`, `append` for each piece of payload, `end`.
public struct PacketBatch: ~Copyable {
    /// Room before each packet: an Ethernet header with one VLAN tag fits, and IP headers are aligned to four bytes.
    public static let linkHeaderRoom = 20

    /// Where one packet lies.
    public struct Entry: Sendable {
        /// The IP header's offset in `bytes`.
        public let start: Int
        /// Bytes of the IP packet.
        public let length: Int
        /// Which target it goes to: the index of its transfer, as the caller numbers them.
        public let target: Int
    }

    public private(set) var entries: [Entry] = []
    private var buffer: [UInt8]
    private var used = 0
    private var open: OpenSegment?
    private let limit: Int

    /// - Parameters:
    ///   - byteCapacity: bytes of buffer; must hold at least one packet of the largest size.
    ///   - packetCapacity: packets after which the batch counts as full.
    public init(byteCapacity: Int = 256 * 1024, packetCapacity: Int = 64) {
        buffer = [UInt8](repeating: 0, count: byteCapacity)
        entries.reserveCapacity(packetCapacity)
        limit = packetCapacity
    }

    public var isEmpty: Bool { entries.isEmpty }
    public var count: Int { entries.count }

    /// Whether a segment with `payloadLength` bytes of payload still fits.
    public func hasRoom(payloadLength: Int) -> Bool {
        entries.count < limit && used + Self.linkHeaderRoom + 40 + 60 + payloadLength + 3 <= buffer.count
    }

    /// Whether so many more packets fit, that take so many bytes with the room before them; an empty batch takes more
    /// packets than count as full.
    func hasRoom(packets: Int, bytes: Int) -> Bool {
        (isEmpty || entries.count + packets <= limit) && used + bytes <= buffer.count
    }

    /// Makes room for a packet that is written as a whole; returns where it starts.
    mutating func addPacket(length: Int, target: Int) -> Int {
        let start = (used + Self.linkHeaderRoom + 3) & ~3
        used = start + length
        entries.append(Entry(start: start, length: length, target: target))
        return start
    }

    /// All bytes, packets with the room before them.
    public var bytes: MutableRawSpan {
        @_lifetime(&self)
        mutating get { buffer.mutableRawSpan }
    }

    /// The bytes of one packet.
    @_lifetime(borrow self)
    public func packet(_ index: Int) -> RawSpan {
        buffer.rawSpan.extracting(entries[index].start..<entries[index].start + entries[index].length)
    }

    /// One packet with the last `headerLength` bytes of the room before it, once a link-layer header stands there.
    @_lifetime(borrow self)
    public func frame(_ index: Int, headerLength: Int) -> RawSpan {
        precondition(headerLength <= Self.linkHeaderRoom, "a link-layer header fits into the room for it")
        let entry = entries[index]
        return buffer.rawSpan.extracting(entry.start - headerLength..<entry.start + entry.length)
    }

    /// Forgets all packets; the buffer stays.
    public mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        used = 0
        open = nil
    }

    /// Starts a segment with the IP and TCP headers. `header.payloadLength` is ignored: what is appended counts.
    ///
    /// - Precondition: `hasRoom` for what will be appended.
    public mutating func begin(_ header: borrowing SegmentHeader, target: Int) {
        let start = (used + Self.linkHeaderRoom + 3) & ~3
        let transportStart = start + (header.flow.sourceAddress.isIPv4 ? 20 : 40)
        let payloadStart = transportStart + 20 + header.options.byteCount
        used = payloadStart
        open = OpenSegment(
            start: start, transportStart: transportStart, payloadStart: payloadStart, target: target,
            checksum: write(header, at: start, transportStart: transportStart, payloadStart: payloadStart))
    }

    /// Writes the IP and TCP headers, without lengths and checksums; returns the sum so far.
    private mutating func write(
        _ header: borrowing SegmentHeader, at start: Int, transportStart: Int, payloadStart: Int
    ) -> InternetChecksum {
        let acknowledgement: UInt32 = header.flags.contains(.ack) ? header.acknowledgement.rawValue : 0
        let ports = UInt32(header.flow.sourcePort) << 16 | UInt32(header.flow.destinationPort)
        let control =
            UInt32(truncatingIfNeeded: payloadStart - transportStart) << 26 | UInt32(header.flags.rawValue) << 16
            | UInt32(header.window)
        var bytes = buffer.mutableRawSpan
        bytes.writeIPHeader(header.flow, of: TCPSegment.transport, at: start)
        bytes.storeBigEndian(ports, at: transportStart)
        bytes.storeBigEndian(header.sequence.rawValue, at: transportStart + 4)
        bytes.storeBigEndian(acknowledgement, at: transportStart + 8)
        bytes.storeBigEndian(control, at: transportStart + 12)
        bytes.storeBigEndian(UInt32(header.urgentPointer), at: transportStart + 16)
        header.options.write(to: &bytes, at: transportStart + 20)
        var checksum = InternetChecksum()
        checksum.add(header.flow.sourceAddress)
        checksum.add(header.flow.destinationAddress)
        checksum.add(ports)
        checksum.add(header.sequence.rawValue)
        checksum.add(acknowledgement)
        checksum.add(control)
        checksum.add(header.urgentPointer)
        checksum.add(UInt16(TCPSegment.transport))
        checksum.add(bytes.bytes.extracting(transportStart + 20..<payloadStart))
        return checksum
    }

    /// Adds payload to the segment that was begun.
    public mutating func append(_ payload: RawSpan) {
        guard var segment = open else { preconditionFailure("a segment is begun before payload is added") }
        let offset = used
        used += payload.byteCount
        segment.checksum.add(payload, afterOdd: (offset - segment.payloadStart) & 1 == 1)
        open = segment
        var bytes = buffer.mutableRawSpan
        bytes.copy(payload, to: offset)
    }

    /// Completes lengths and checksums of the segment that was begun.
    public mutating func end() {
        guard let segment = open else { preconditionFailure("a segment is begun before it ends") }
        open = nil
        let start = segment.start
        let length = used - start
        let transportLength = used - segment.transportStart
        entries.append(Entry(start: start, length: length, target: segment.target))
        var bytes = buffer.mutableRawSpan
        bytes.completeIPHeader(isIPv4: segment.transportStart - start == 20, packetLength: length, at: start)
        var checksum = segment.checksum
        checksum.add(UInt16(truncatingIfNeeded: transportLength))
        bytes.storeBigEndian(checksum.value, at: segment.transportStart + 16)
    }

    /// A segment that is being written.
    private struct OpenSegment {
        let start: Int
        let transportStart: Int
        let payloadStart: Int
        let target: Int
        /// Of all but the length, so far.
        var checksum: InternetChecksum
    }
}
