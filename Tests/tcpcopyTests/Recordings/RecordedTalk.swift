import Wire

/// Conversations of many clients with one server, as a capture of both directions sees them when it loses nothing.
struct RecordedTalk {
    private(set) var frames: [RecordedFrame] = []
    /// For each session where its exchanges begin in the client's stream, and where the last ends.
    private(set) var boundaries: [[Int]] = []

    static let segment = 1460
    private static let online = Endpoint(IPAddress(v4: 0xc000_0202), 80)

    init(sessions: Int, exchanges: Int, using generator: inout SplitMix) {
        for session in 0..<sessions {
            addSession(session, exchanges: exchanges, using: &generator)
        }
        frames.sort { $0.time < $1.time }
    }

    private mutating func addSession(_ session: Int, exchanges: Int, using generator: inout SplitMix) {
        let client = Endpoint(IPAddress(v4: 0x0a00_0001 + UInt32(session % 7)), UInt16(20_000 + session))
        let isn = SequenceNumber(UInt32.random(in: 0...UInt32.max, using: &generator))
        let answerStart = SequenceNumber(UInt32.random(in: 0...UInt32.max, using: &generator))
        var time = Int64.random(in: 0..<2_000_000_000, using: &generator)
        var (said, heard) = (0, 0)
        func add(isClient: Bool, _ flags: TCPFlags, length: Int = 0, after pause: ClosedRange<Int64>) {
            time += Int64.random(in: pause, using: &generator)
            let isSyn = flags.contains(.syn)
            let own = (isClient ? isn : answerStart).advanced(by: isSyn ? 0 : 1 + (isClient ? said : heard))
            let other = (isClient ? answerStart : isn).advanced(by: 1 + (isClient ? heard : said))
            let flow = isClient ? Flow(from: client, to: Self.online) : Flow(from: Self.online, to: client)
            var header = SegmentHeader(
                flow: flow, sequence: own, flags: flags, window: 500, payloadLength: length)
            if flags.contains(.ack) { header.acknowledgement = other }
            frames.append(
                RecordedFrame(
                    time: time, session: session, isClient: isClient, offset: isSyn && isClient ? 0 : said, header))
            if isClient { said += length } else { heard += length }
        }
        let (wire, processing, thinking): (ClosedRange<Int64>, ClosedRange<Int64>, ClosedRange<Int64>) =
            (1_000...20_000, 50_000...400_000, 1_000_000...80_000_000)
        // A slow link's, so that a request takes its time.
        let pacing: ClosedRange<Int64> = 1_000_000...10_000_000
        add(isClient: true, .syn, after: wire)
        add(isClient: false, [.syn, .ack], after: wire)
        add(isClient: true, .ack, after: processing)
        var starts = [0]
        for _ in 0..<exchanges {
            let length =
                [70, 500, 1_000, Self.segment, 2 * Self.segment, 5 * Self.segment].randomElement(using: &generator)
                ?? 70
            for start in stride(from: 0, to: length, by: Self.segment) {
                let part = min(Self.segment, length - start)
                let isLast = start + part == length
                add(
                    isClient: true, isLast ? [.psh, .ack] : .ack, length: part, after: start == 0 ? thinking : pacing)
            }
            starts.append(said)
            let answer = Int.random(in: 1...3, using: &generator)
            for part in 1...answer {
                add(
                    isClient: false, part == answer ? [.psh, .ack] : .ack, length: part == answer ? 300 : Self.segment,
                    after: part == 1 ? processing : wire)
            }
            if Bool.random(using: &generator) { add(isClient: true, .ack, after: processing) }
        }
        add(isClient: true, [.fin, .ack], after: thinking)
        add(isClient: false, [.fin, .ack], after: processing)
        boundaries.append(starts)
    }
}
