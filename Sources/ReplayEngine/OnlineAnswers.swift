import Wire

/// What the online server said on one client connection, where the capture holds its half too.
///
/// What a client had heard is decided by its own acknowledgements; but the server's segments say when an exchange was
/// answered of which no acknowledgement was captured, and how much of what capture lost the server had.
struct OnlineAnswers {
    /// The server's number of its first payload byte, where its SYN was captured.
    private(set) var start: SequenceNumber?
    /// In the server's numbers, after the last payload byte that it sent; a SYN counts as one, a FIN does not.
    private(set) var sent: SequenceNumber?
    /// The furthest that it has acknowledged of what the client sent.
    private(set) var acknowledged: SequenceNumber?
    /// How much of the client's bytes the server had each time it said something new: where exchanges end. Ascending.
    private(set) var answeredAt: [SequenceNumber] = []

    /// Whether it has said anything but its handshake.
    private(set) var hasAnswered = false

    /// Answers that are remembered beyond what is in order of the client's bytes.
    static let limit = 4096

    /// Takes a segment of the server's.
    ///
    /// - Parameter clientNext: what is in order of the client's bytes ends there; answers to what lies before are of no use.
    mutating func onSegment(_ header: SegmentHeader, clientNext: SequenceNumber) {
        guard header.flags.contains(.ack), !header.flags.contains(.rst) else { return }
        if header.flags.contains(.syn) {
            self = OnlineAnswers()
            start = header.sequence.advanced(by: 1)
        }
        acknowledged = acknowledged.map { SequenceNumber.later($0, header.acknowledgement) } ?? header.acknowledgement
        let length = header.payloadLength + (header.flags.contains(.syn) ? 1 : 0)
        let end = header.sequence.advanced(by: length)
        guard length > 0, sent.map({ $0.precedes(end) }) ?? true else { return }
        sent = end
        guard header.payloadLength > 0 else { return }
        hasAnswered = true
        answeredAt.removeAll { $0.precedes(clientNext) }
        guard answeredAt.last.map({ $0.precedes(header.acknowledgement) }) ?? true else { return }
        guard clientNext.precedesOrEquals(header.acknowledgement), answeredAt.count < Self.limit else { return }
        answeredAt.append(header.acknowledgement)
    }

    /// What a hole in the client's bytes has swallowed.
    struct Loss: Equatable {
        /// The exchange that was seen last had been answered before the hole.
        var beginsExchange: Bool
        /// Exchanges that began within it.
        var further: Int
        /// What follows begins an exchange.
        var endsExchange: Bool
    }

    /// What the hole has swallowed; nil where the server was not seen to answer anything from there on.
    func loss(from start: SequenceNumber, to end: SequenceNumber) -> Loss? {
        guard let last = answeredAt.last, start.precedesOrEquals(last) else { return nil }
        return Loss(
            beginsExchange: answeredAt.contains(start),
            further: answeredAt.count { start.precedes($0) && $0.precedes(end) },
            endsExchange: answeredAt.contains(end))
    }
}

/// Where the answers of all sessions are kept whose server was captured: nothing where none was.
struct OnlineAnswersPool {
    private var answers: [OnlineAnswers] = []
    private var free: [Int32] = []

    mutating func add() -> Int32 {
        if let index = free.popLast() {
            answers[Int(index)] = OnlineAnswers()
            return index
        }
        answers.append(OnlineAnswers())
        return Int32(answers.count - 1)
    }

    mutating func remove(_ index: Int32) {
        guard index >= 0 else { return }
        answers[Int(index)] = OnlineAnswers()
        free.append(index)
    }

    /// Those of a session; nil for one whose server was not captured.
    subscript(index: Int32) -> OnlineAnswers? { index >= 0 ? answers[Int(index)] : nil }

    mutating func onSegment(_ header: SegmentHeader, clientNext: SequenceNumber, of index: Int32) {
        answers[Int(index)].onSegment(header, clientNext: clientNext)
    }
}
