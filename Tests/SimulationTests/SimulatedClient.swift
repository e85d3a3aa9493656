import ReplayEngine
import Wire

/// A client and its online server: what capture sees of one connection, as a timeline.
///
/// The connection runs over a good network, so that its segments follow from its plan: requests in exchanges, think
/// times, answers that the client acknowledges, and an end. Now and then the client repeats a segment all the same.
struct SimulatedClient {
    enum End: CaseIterable {
        case clientCloses, serverCloses, halfClose, resetAfterAnswer
    }

    struct Segment {
        let at: Instant
        let header: SegmentHeader
        let payload: [UInt8]
    }

    let number: UInt32
    let endpoint: Endpoint
    let end: End
    /// All the client says.
    private(set) var stream: [UInt8] = []
    private(set) var requests: [Request] = []
    /// Which of the requests go in each turn.
    private(set) var turns: [Range<Int>] = []
    private(set) var segments: [Segment] = []

    private let online: Endpoint
    private let initialSequence: SequenceNumber
    private let serverStart: SequenceNumber
    private let options: TCPOptions
    private let roundTrip: Interval
    private var clock: Instant
    private var heard = 0
    private var sentFin = false

    /// What clients are like.
    struct Habits {
        var exchanges = 1...5
        var requestLength = 16...3_000
        var largeRequest = 0.05
        var repeats = 0.0
        /// A segment is lost before it is captured, and sent again two round trips later.
        var losses = 0.0
        var roundTrip: ClosedRange<Int64> = 0...30
    }

    init(
        number: UInt32, endpoint: Endpoint, online: Endpoint, habits: Habits, startsAt: Instant,
        _ generator: inout some RandomNumberGenerator
    ) {
        self.number = number
        self.endpoint = endpoint
        self.online = online
        end = End.allCases.randomElement(using: &generator)!
        initialSequence = SequenceNumber(UInt32.random(in: .min ... .max, using: &generator))
        serverStart = SequenceNumber(UInt32.random(in: .min ... .max, using: &generator))
        roundTrip = .milliseconds(Int64.random(in: habits.roundTrip, using: &generator))
        var options = TCPOptions()
        options.maximumSegmentSize = [1460, 1448, 536, 9000].randomElement(using: &generator)!
        if Bool.random(using: &generator) { options.windowScale = UInt8.random(in: 0...10, using: &generator) }
        options.sackPermitted = Bool.random(using: &generator)
        if Bool.random(using: &generator) { options.timestamps = TCPTimestamps(value: 1, echo: 0) }
        self.options = options
        clock = startsAt
        live(habits, &generator)
    }

    private mutating func live(_ habits: Habits, _ generator: inout some RandomNumberGenerator) {
        say(flags: .syn)
        clock = clock + roundTrip
        say(flags: .ack)
        let exchanges = Int.random(in: habits.exchanges, using: &generator)
        for exchange in 0..<exchanges {
            clock = clock + .microseconds(Int64.random(in: 50...40_000, using: &generator))
            let isLast = exchange + 1 == exchanges
            let answer = ask(habits, closes: isLast && end == .halfClose, &generator)
            clock = clock + roundTrip + .microseconds(Int64.random(in: 100...20_000, using: &generator))
            heard += answer
            say(flags: .ack)
        }
        clock = clock + .microseconds(Int64.random(in: 50...20_000, using: &generator))
        switch end {
        case .clientCloses:
            say(flags: [.ack, .fin])
            clock = clock + roundTrip
            heard += 1
            say(flags: .ack)
        case .serverCloses:
            heard += 1
            say(flags: [.ack, .fin])
        case .halfClose:
            heard += 1
            say(flags: .ack)
        case .resetAfterAnswer: say(flags: [.ack, .rst])
        }
    }

    /// One turn: some requests, cut as the client's host cuts them or left whole by offload. Returns the answers' bytes.
    private mutating func ask(
        _ habits: Habits, closes: Bool, _ generator: inout some RandomNumberGenerator
    ) -> Int {
        let count = Double.random(in: 0..<1, using: &generator) < 0.2 ? 3 : 1
        var bytes: [UInt8] = []
        var answer = 0
        turns.append(requests.count..<requests.count + count)
        for _ in 0..<count {
            let isLarge = Double.random(in: 0..<1, using: &generator) < habits.largeRequest
            let request = Request(
                session: number, index: UInt32(requests.count),
                length: isLarge ? 60_000 : Int.random(in: habits.requestLength, using: &generator),
                answerLength: Int.random(in: 1...(isLarge ? 100 : 20_000), using: &generator))
            requests.append(request)
            bytes += request.bytes
            answer += request.answerLength
        }
        // When the server has all of it.
        var heardAt = clock
        let offloads = Bool.random(using: &generator)
        let largest = offloads ? 40_000 : Int(options.maximumSegmentSize ?? 536) - (options.timestamps == nil ? 0 : 12)
        var start = 0
        while start < bytes.count {
            let piece = Array(bytes[start..<min(start + largest, bytes.count)])
            start += piece.count
            let isLast = start == bytes.count
            let isLost = habits.losses > 0 && Double.random(in: 0..<1, using: &generator) < habits.losses
            let delay = isLost ? Interval(nanoseconds: 5_000_000 + 2 * roundTrip.nanoseconds) : .zero
            say(flags: isLast ? (closes ? [.ack, .psh, .fin] : [.ack, .psh]) : .ack, piece, after: delay)
            heardAt = max(heardAt, clock + delay)
            if Double.random(in: 0..<1, using: &generator) < habits.repeats, let segment = segments.last {
                segments.append(Segment(at: clock + .milliseconds(3), header: segment.header, payload: piece))
            }
            clock = clock + .microseconds(20)
        }
        clock = max(clock, heardAt)
        return answer
    }

    private mutating func say(flags: TCPFlags, _ payload: [UInt8] = [], after delay: Interval = .zero) {
        var header = SegmentHeader(
            flow: Flow(from: endpoint, to: online), sequence: initialSequence, flags: flags, window: 64240,
            payloadLength: payload.count)
        if flags.contains(.syn) {
            header.options = options
        } else {
            header.sequence = initialSequence.advanced(by: 1 + stream.count + (sentFin ? 1 : 0))
            header.acknowledgement = serverStart.advanced(by: 1 + heard)
        }
        if flags.contains(.fin) { sentFin = true }
        stream += payload
        segments.append(Segment(at: clock + delay, header: header, payload: payload))
    }
}
