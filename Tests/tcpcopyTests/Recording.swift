import FoundationEssentials
import Wire

/// A capture file of clients who each open a connection, ask some questions and close it, with the server's answers.
struct Recording {
    private(set) var frames: [(timestamp: Int64, bytes: [UInt8])] = []
    static let online = Endpoint(IPAddress(v4: 0xc000_0202), 80)

    /// A client's conversation, its questions a millisecond apart.
    mutating func addClient(port: UInt16, exchanges: Int, beginsAt start: Int64, isClosed: Bool = true) {
        let client = Endpoint(IPAddress(v4: 0x0a00_0001), port)
        let (there, back) = (Flow(from: client, to: Self.online), Flow(from: Self.online, to: client))
        var (sent, heard) = (SequenceNumber(1_000), SequenceNumber(9_000))
        var time = start
        func add(
            _ flow: Flow, _ sequence: SequenceNumber, _ acknowledgement: SequenceNumber, _ flags: TCPFlags,
            _ length: Int
        )
            -> (Int64, [UInt8])
        {
            let header = SegmentHeader(
                flow: flow, sequence: sequence, acknowledgement: acknowledgement, flags: flags, window: 500,
                payloadLength: length)
            time += 250_000
            return (time, Self.packet(header, payload: [UInt8](repeating: 0x61, count: length)))
        }
        frames.append(add(there, sent, SequenceNumber(0), .syn, 0))
        frames.append(add(back, heard, sent.advanced(by: 1), [.syn, .ack], 0))
        (sent, heard) = (sent.advanced(by: 1), heard.advanced(by: 1))
        frames.append(add(there, sent, heard, .ack, 0))
        for _ in 0..<exchanges {
            frames.append(add(there, sent, heard, [.psh, .ack], 70))
            sent = sent.advanced(by: 70)
            frames.append(add(back, heard, sent, [.psh, .ack], 120))
            heard = heard.advanced(by: 120)
            frames.append(add(there, sent, heard, .ack, 0))
        }
        guard isClosed else { return }
        frames.append(add(there, sent, heard, [.fin, .ack], 0))
    }

    /// A client that tells two segments, of which the first was lost before it was captured, and comes again so much later.
    mutating func addUpload(port: UInt16, resentAfter delay: Int64) {
        let flow = Flow(from: Endpoint(IPAddress(v4: 0x0a00_0001), port), to: Self.online)
        for (time, sequence, flags, length) in [
            (0, 1_000, .syn, 0), (1_000_000, 1_001, .ack, 0), (2_000_000, 1_071, [.psh, .ack], 70),
            (2_000_000 + delay, 1_001, .ack, 70), (3_000_000 + delay, 1_141, [.fin, .ack], 0),
        ] as [(Int64, UInt32, TCPFlags, Int)] {
            let header = SegmentHeader(
                flow: flow, sequence: SequenceNumber(sequence),
                acknowledgement: SequenceNumber(flags == .syn ? 0 : 9_001), flags: flags, window: 500,
                payloadLength: length)
            frames.append((time, Self.packet(header, payload: [UInt8](repeating: 0x61, count: length))))
        }
    }

    mutating func removeFrame(_ number: Int) { frames.remove(at: number) }

    private static func packet(_ header: SegmentHeader, payload: [UInt8]) -> [UInt8] {
        var batch = PacketBatch()
        batch.begin(header, target: 0)
        batch.append(payload.rawSpan)
        batch.end()
        return Array(copying: batch.packet(0))
    }

    private var inOrder: [(timestamp: Int64, bytes: [UInt8])] { frames.sorted { $0.timestamp < $1.timestamp } }

    var pcapng: [UInt8] {
        var writer = CaptureFileWriter()
        for frame in inOrder {
            writer.append(
                frame.bytes.rawSpan, wireLength: frame.bytes.count, timestamp: frame.timestamp, linkType: .raw,
                interface: "tun0")
        }
        return writer.takeBytes()
    }

    /// With microseconds, little-endian.
    var pcap: [UInt8] {
        func bytes(_ numbers: UInt32...) -> [UInt8] {
            numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
        }
        return inOrder.reduce(bytes(0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101)) { file, frame in
            let (seconds, rest) = frame.timestamp.quotientAndRemainder(dividingBy: 1_000_000_000)
            let length = UInt32(frame.bytes.count)
            return file + bytes(UInt32(seconds), UInt32(rest / 1000), length, length) + frame.bytes
        }
    }
}
