import ReplayEngine
import Wire

/// The target's end of one TCP connection, and the application behind it, which answers each `Request`.
final class SimulatedConnection {
    enum State {
        case synReceived, established, timeWait, closed
    }

    /// What the application and its host are like.
    struct Habits {
        var windowCapacity = 65_535
        var windowScale: UInt8? = 7
        /// Probabilities, for each request: the application stops reading for a while, closes after its answer, or resets.
        var pauses = 0.0
        var closesEarly = 0.0
        var resets = 0.0
        /// Answers are longer or shorter than online, by up to so much.
        var variation = 0.0
        var serviceTime: ClosedRange<Int64> = 50...5_000
        var sacks = true
    }

    let flow: Flow
    private let habits: Habits
    private(set) var state = State.synReceived
    private(set) var stream: [UInt8] = []
    private(set) var requests: [Request] = []
    /// The client's FIN arrived, and all before it.
    private(set) var hasClientFinished = false
    private(set) var wasReset = false
    var output: [SegmentHeader] = []

    private let options: TCPOptions
    private let clientOptions: TCPOptions
    private let initialReceive: SequenceNumber
    private(set) var receiveNext: SequenceNumber
    private var early: [(start: SequenceNumber, bytes: [UInt8], fin: Bool)] = []
    private let initialSend: SequenceNumber
    private var unacknowledged: SequenceNumber
    private var sendNext: SequenceNumber
    private var finAt: SequenceNumber?
    private(set) var clientTimestamp: UInt32 = 0

    private var parsed = 0
    private var answers: [(at: Instant, length: Int, then: Ending)] = []
    private var pausedUntil: Instant?
    private var unread = 0
    private var isOrphan = false
    private var retransmitAt = Instant.never
    private var retransmissions: Int64 = 0
    private var diesAt = Instant.never

    private enum Ending {
        case goesOn, closes, resets
    }

    static let timeWait = Interval.seconds(60)

    init(_ syn: SegmentHeader, initialSend: SequenceNumber, habits: Habits, now: Instant) {
        flow = syn.flow
        self.habits = habits
        clientOptions = syn.options
        clientTimestamp = syn.options.timestamps?.value ?? 0
        initialReceive = syn.sequence
        receiveNext = syn.sequence.advanced(by: 1)
        self.initialSend = initialSend
        unacknowledged = initialSend
        sendNext = initialSend.advanced(by: 1)
        var options = TCPOptions()
        options.maximumSegmentSize = 1460
        if syn.options.windowScale != nil { options.windowScale = habits.windowScale }
        options.sackPermitted = habits.sacks && syn.options.sackPermitted
        self.options = options
        sendSynAck(now)
        armTimer(now)
    }

    var nextTimer: Instant {
        let answer = answers.first?.at ?? .never
        return min(retransmitAt, min(answer, min(pausedUntil ?? .never, diesAt)))
    }

    private var segmentSize: Int {
        min(1460, Int(clientOptions.maximumSegmentSize ?? 536)) - (clientOptions.timestamps == nil ? 0 : 12)
    }

    private var scale: UInt8 { options.windowScale ?? 0 }
    private var windowBytes: Int { max(0, habits.windowCapacity - unread) }
}

// Hearing.
extension SimulatedConnection {
    func handle(
        _ header: SegmentHeader, _ payload: [UInt8], now: Instant, _ generator: inout some RandomNumberGenerator
    ) {
        if header.flags.contains(.rst) { return handleReset(header) }
        if header.flags.contains(.syn) {
            if state == .synReceived, header.sequence == initialReceive { sendSynAck(now) } else { acknowledge(now) }
            return
        }
        guard header.flags.contains(.ack), !sendNext.precedes(header.acknowledgement) else {
            return acknowledge(now)
        }
        if let timestamps = header.options.timestamps { clientTimestamp = timestamps.value }
        take(header.acknowledgement, now)
        let isFin = header.flags.contains(.fin)
        guard !payload.isEmpty || isFin else {
            // A probe, or an echo of numbers long past.
            if header.sequence.precedes(receiveNext) { acknowledge(now) }
            return
        }
        guard state != .timeWait else { return acknowledge(now) }
        guard !isOrphan || payload.isEmpty else { return reset(header) }
        place(payload, at: header.sequence, fin: isFin)
        readRequests(now, &generator)
        acknowledge(now)
        closeIfDone(now)
    }

    private func handleReset(_ header: SegmentHeader) {
        guard state != .timeWait else {
            state = .closed
            return
        }
        if header.sequence == receiveNext {
            wasReset = true
            state = .closed
        } else if receiveNext.distance(to: header.sequence) > 0,
            receiveNext.distance(to: header.sequence) < max(windowBytes, 1)
        {
            acknowledge(.zero)
        }
    }

    private func take(_ acknowledgement: SequenceNumber, _ now: Instant) {
        guard unacknowledged.precedes(acknowledgement) else { return }
        unacknowledged = acknowledgement
        if state == .synReceived { state = .established }
        retransmissions = 0
        retransmitAt = .never
        armTimer(now)
        if let finAt, finAt.precedes(acknowledgement), hasClientFinished { end(now) }
    }

    private func place(_ payload: [UInt8], at sequence: SequenceNumber, fin: Bool) {
        let end = receiveNext.distance(to: sequence) + payload.count
        // What lies beyond the window is cut; what is cut off takes the FIN with it.
        let beyond = max(0, end - windowBytes)
        guard beyond < payload.count || payload.isEmpty else { return }
        early.append((sequence, Array(payload.dropLast(beyond)), fin && beyond == 0))
        var isMoving = true
        while isMoving {
            isMoving = false
            for (index, piece) in early.enumerated() where !receiveNext.precedes(piece.start) {
                early.remove(at: index)
                let old = piece.start.distance(to: receiveNext)
                if old <= piece.bytes.count {
                    let fresh = piece.bytes[old...]
                    stream += fresh
                    if pausedUntil != nil { unread += fresh.count }
                    receiveNext = receiveNext.advanced(by: fresh.count)
                    if piece.fin, !hasClientFinished {
                        hasClientFinished = true
                        receiveNext = receiveNext.advanced(by: 1)
                    }
                }
                isMoving = true
                break
            }
        }
    }

    private func readRequests(_ now: Instant, _ generator: inout some RandomNumberGenerator) {
        while let request = Request(stream, at: parsed) {
            parsed += request.length
            requests.append(request)
            func happens(_ probability: Double) -> Bool {
                probability > 0 && Double.random(in: 0..<1, using: &generator) < probability
            }
            if happens(habits.pauses) {
                pausedUntil = now + .milliseconds(Int64.random(in: 10...2_000, using: &generator))
            }
            var length = request.answerLength
            if habits.variation > 0 {
                length = max(
                    1, Int(Double(length) * (1 + .random(in: -habits.variation...habits.variation, using: &generator))))
            }
            let ending: Ending = happens(habits.resets) ? .resets : happens(habits.closesEarly) ? .closes : .goesOn
            let service = Interval.microseconds(Int64.random(in: habits.serviceTime, using: &generator))
            answers.append((max(now, answers.last?.at ?? now) + service, length, ending))
        }
    }
}

// Sending.
extension SimulatedConnection {
    func handleTimer(now: Instant) {
        if diesAt <= now {
            state = .closed
            return
        }
        if let pausedUntil, pausedUntil <= now {
            self.pausedUntil = nil
            unread = 0
            acknowledge(now)
        }
        while let answer = answers.first, answer.at <= now, state == .established {
            answers.removeFirst()
            if answer.then == .resets {
                wasReset = true
                state = .closed
                emit(sendNext, flags: [.rst, .ack], now)
                return
            }
            send(answer.length, now)
            if answer.then == .closes {
                answers = []
                isOrphan = true
                sendFin(now)
            }
        }
        closeIfDone(now)
        if retransmitAt <= now { retransmit(now) }
    }

    private func send(_ length: Int, _ now: Instant) {
        var left = length
        while left > 0 {
            let piece = min(left, segmentSize)
            left -= piece
            emit(sendNext, length: piece, flags: left == 0 ? [.ack, .psh] : .ack, now)
            sendNext = sendNext.advanced(by: piece)
        }
        armTimer(now)
    }

    private func closeIfDone(_ now: Instant) {
        guard state == .established, hasClientFinished, answers.isEmpty, finAt == nil else { return }
        sendFin(now)
    }

    private func sendFin(_ now: Instant) {
        guard finAt == nil else { return }
        finAt = sendNext
        emit(sendNext, flags: [.ack, .fin], now)
        sendNext = sendNext.advanced(by: 1)
        armTimer(now)
    }

    private func retransmit(_ now: Instant) {
        retransmissions += 1
        retransmitAt = .never
        armTimer(now)
        guard retransmissions < 12 else {
            state = .closed
            return
        }
        guard state != .synReceived else { return sendSynAck(now) }
        var position = unacknowledged
        for _ in 0..<10 where position.precedes(sendNext) {
            guard position != finAt else { return emit(position, flags: [.ack, .fin], now) }
            let piece = min(position.distance(to: finAt ?? sendNext), segmentSize)
            emit(position, length: piece, flags: [.ack, .psh], now)
            position = position.advanced(by: piece)
        }
    }

    private func armTimer(_ now: Instant) {
        guard unacknowledged.precedes(sendNext) else {
            retransmitAt = .never
            return
        }
        let first: Int64 = state == .synReceived ? 1_000 : 250
        retransmitAt = min(retransmitAt, now + .milliseconds(min(first << retransmissions, 30_000)))
    }

    private func end(_ now: Instant) {
        guard isOrphan else {
            state = .closed
            return
        }
        state = .timeWait
        retransmitAt = .never
        diesAt = now + Self.timeWait
    }

    func acknowledge(_ now: Instant) { emit(sendNext, flags: .ack, now) }

    private func reset(_ header: SegmentHeader) {
        wasReset = true
        state = .closed
        var answer = SegmentHeader(flow: flow.reversed, sequence: header.acknowledgement, flags: .rst, window: 0)
        answer.acknowledgement = header.sequenceEnd
        output.append(answer)
    }

    private func sendSynAck(_ now: Instant) { emit(initialSend, flags: [.syn, .ack], now) }

    private func emit(_ sequence: SequenceNumber, length: Int = 0, flags: TCPFlags, _ now: Instant) {
        var header = SegmentHeader(
            flow: flow.reversed, sequence: sequence, acknowledgement: receiveNext, flags: flags, window: 0,
            payloadLength: length)
        let isSyn = flags.contains(.syn)
        if isSyn { header.options = options }
        header.window = UInt16(clamping: isSyn ? windowBytes : windowBytes >> Int(scale))
        if clientOptions.timestamps != nil {
            header.options.timestamps = TCPTimestamps(
                value: UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000) | 1, echo: clientTimestamp)
        }
        if options.sackPermitted, !isSyn {
            for piece in early.prefix(3) where receiveNext.precedes(piece.start) && !piece.bytes.isEmpty {
                header.options.sackBlocks.append(
                    SequenceRange(piece.start, piece.start.advanced(by: piece.bytes.count)))
            }
        }
        output.append(header)
    }
}
