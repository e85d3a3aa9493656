import Wire

/// A frame of a capture file, and what it is a part of.
struct RecordedFrame {
    /// In nanoseconds.
    var time: Int64
    let session: Int
    let isClient: Bool
    /// The IP packet.
    var packet: [UInt8]
    /// Bytes of it that the snapshot length left; nil for all.
    var captured: Int?
    /// The VLAN whose tag it bears.
    var vlan: UInt16?

    let header: SegmentHeader

    /// Where in the client's stream its payload begins, of a client's frame; what it acknowledges, of a server's.
    let offset: Int
    var length: Int { header.payloadLength }
    var isBare: Bool { length == 0 && header.flags == .ack }

    /// Bytes of payload that were captured.
    var capturedLength: Int { max(0, min(length, (captured ?? packet.count) - (packet.count - length))) }

    init(time: Int64, session: Int, isClient: Bool, offset: Int, _ header: SegmentHeader) {
        self.time = time
        self.session = session
        self.isClient = isClient
        self.offset = offset
        self.header = header
        var batch = PacketBatch(byteCapacity: header.payloadLength + 200, packetCapacity: 1)
        batch.begin(header, target: 0)
        batch.append([UInt8](repeating: 0x61, count: header.payloadLength).rawSpan)
        batch.end()
        packet = Array(copying: batch.packet(0))
    }
}

extension [RecordedFrame] {
    /// The file that a capture on an Ethernet interface would have written.
    var pcapng: [UInt8] {
        var writer = CaptureFileWriter()
        for frame in self {
            let stations: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]
            let tag: [UInt8] = frame.vlan.map { [0x81, 0, UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] } ?? []
            let bytes = stations + tag + [8, 0] + frame.packet
            let headers = bytes.count - frame.packet.count
            let kept = Array<UInt8>(bytes.prefix(headers + (frame.captured ?? frame.packet.count)))
            writer.append(
                kept.rawSpan, wireLength: bytes.count, timestamp: frame.time, linkType: .ethernet, interface: "eth0")
        }
        return writer.takeBytes()
    }
}
