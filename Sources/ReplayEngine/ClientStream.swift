import Wire

/// A client's captured segments put back in order, with the marks that matter: which numbers come next, and what the
/// client had acknowledged when it sent them. Holds what came too early; holds no byte that was in order.
struct ClientStream {
    /// A segment beyond a hole.
    struct Held {
        var sequence: SequenceNumber
        var bytes: [UInt8]
        var missing: Int
        var acknowledgement: SequenceNumber
        var flags: TCPFlags
        var capturedAt: Instant

        var end: SequenceNumber { sequence.advanced(by: bytes.count + missing) }
        /// Bytes of memory, with what the allocator adds.
        var cost: Int { MemoryLayout<Held>.stride + 48 + bytes.count }
    }

    /// What comes after the last byte in order, in the client's sequence numbers.
    var next: SequenceNumber
    /// Where the client stood when it last acknowledged something new without sending: there an exchange begins.
    private var restedAt: SequenceNumber
    /// The furthest that the client has acknowledged to the online server; nil until it has acknowledged anything.
    private(set) var acknowledged: SequenceNumber?
    /// The same at the client's last payload (or at the start): an exchange begins where the two differ.
    var acknowledgedAtTurn: SequenceNumber?
    private(set) var hasBegunTurn: Bool
    /// Whether the bytes up to `next` are all that the client had to say so far.
    private(set) var hasWholeWrite = true
    var marks = Marks()
    var held: [Held] = []
    /// When the hole was seen, or last grew smaller.
    var holeSince = Instant.never

    /// Reordering beyond this is a hole: bounds what a session may hold out of order.
    static let heldLimit = 512
    /// A client fills a hole within a retransmission time-out or two; later nothing comes any more.
    static let holePatience = Interval.seconds(1)
    /// The client has heard from the server again, so the server had the missing bytes: they were lost on our way only.
    static let answeredHolePatience = Interval.milliseconds(20)

    /// - Parameter isMidway: the first bytes may belong to an exchange whose beginning was not seen.
    init(next: SequenceNumber, isMidway: Bool = false) {
        self.next = next
        restedAt = next
        hasBegunTurn = isMidway
    }

    var hasHole: Bool { !held.isEmpty }

    /// When the hole at `next` counts as final; never without one.
    ///
    /// - Parameters:
    ///   - roundTrip: the client's. Where it talks and hears at once, the server may have answered other bytes, and the client
    ///     sends the missing ones again a round trip later, or a little more (RFC 8985).
    ///   - captureSkew: how much later than what follows it a segment may be handed in.
    ///   - serverAcknowledged: how much of the client's bytes the online server has; nil where it is not captured.
    func holeDeadline(
        roundTrip: Interval, captureSkew: Interval = .zero, serverAcknowledged: SequenceNumber? = nil
    ) -> Instant {
        guard hasHole else { return .never }
        guard held.count < Self.heldLimit else { return .zero }
        if let serverAcknowledged {
            // It had the missing bytes, or it lacks them too and the client will send them again.
            let isReceived = held[0].sequence.precedesOrEquals(serverAcknowledged)
            guard isReceived else { return holeSince + Self.holePatience }
            return holeSince + min(Self.holePatience, max(Self.answeredHolePatience, captureSkew))
        }
        let answered = held.contains { item in
            acknowledgedAtTurn.map { $0.precedes(item.acknowledgement) } ?? false
        }
        guard answered else { return holeSince + Self.holePatience }
        return min(
            holeSince + Self.holePatience,
            max(holeSince + Self.answeredHolePatience + roundTrip + roundTrip, holeSince + captureSkew))
    }

    /// Bytes in order came in: what is missing still is waited for anew.
    mutating func onProgress(now: Instant) {
        if hasHole { holeSince = now }
    }

    /// Notes an acknowledgement of the client's, which stood at `sequence`.
    ///
    /// - Parameter isBare: it came without payload.
    mutating func onAcknowledgement(_ number: SequenceNumber, at sequence: SequenceNumber, isBare: Bool) {
        guard let old = acknowledged else {
            acknowledged = number
            acknowledgedAtTurn = number
            return
        }
        guard old.precedes(number) else { return }
        acknowledged = number
        // One number may be the server's FIN.
        marks.insert(old.distance(to: number) > 1 || marks.contains(.heardOne) ? .heard : .heardOne)
        if isBare, !hasHole { restedAt = sequence }
    }

    /// The client's next turn starts here: bytes it has heard since its last, and whether it heard any.
    mutating func beginTurn(acknowledging number: SequenceNumber) -> Int32 {
        hasBegunTurn = true
        marks.remove(.wroteInTurn)
        defer { acknowledgedAtTurn = SequenceNumber.later(acknowledgedAtTurn ?? number, number) }
        return Int32(truncatingIfNeeded: max(0, (acknowledgedAtTurn ?? number).distance(to: number)))
    }

    /// Whether bytes sent with this acknowledgement belong to a new turn.
    func isBoundary(acknowledging number: SequenceNumber) -> Bool {
        !hasBegunTurn || (acknowledgedAtTurn.map { $0.precedes(number) } ?? true)
    }

    /// Bytes in order were taken.
    ///
    /// - Parameters:
    ///   - endsWrite: their segment carried PSH, with which a sender ends what it has.
    ///   - isShort: it is not made of full segments only, which carry PSH in the middle of a long write too.
    mutating func onTaken(_ count: Int, endsWrite: Bool, isShort: Bool = false) {
        next = next.advanced(by: count)
        hasWholeWrite = endsWrite
        noteWrite(endsWrite && isShort)
    }

    /// Keeps a segment that starts beyond `next`, unless it is held already.
    mutating func hold(_ segment: Held, now: Instant, in pool: inout PayloadPool) {
        guard held.count < Self.heldLimit else { return }
        let index = held.lastIndex { $0.sequence.precedesOrEquals(segment.sequence) }.map { $0 + 1 } ?? 0
        if index > 0 {
            let before = held[index - 1]
            let addsEnd = segment.flags.contains(.fin) && !before.flags.contains(.fin)
            if segment.end.precedesOrEquals(before.end), !addsEnd { return }
        }
        if held.isEmpty { holeSince = now }
        held.insert(segment, at: index)
        pool.reserve(segment.cost)
    }

    /// The first held segment, if nothing is missing before it any more.
    mutating func takeReady(from pool: inout PayloadPool) -> Held? {
        guard let first = held.first, first.sequence.precedesOrEquals(next) else { return nil }
        held.removeFirst()
        pool.unreserve(first.cost)
        if held.isEmpty { holeSince = .never }
        return first
    }

    /// Gives the hole up: what is next is the first byte beyond it. Returns the bytes that are missing, or nil when there
    /// is no hole.
    ///
    /// Whether what follows begins another exchange is plain where the client rested within the hole or at its end. Else the
    /// length tells: where only full segments are missing, what follows goes on with the exchange that was cut; a short
    /// one ended a write.
    ///
    /// - Parameter segmentSize: what the client's full segments carry.
    mutating func skipHole(segmentSize: Int, now: Instant) -> Int? {
        guard let first = held.first else { return nil }
        let start = next
        let missing = start.distance(to: first.sequence)
        next = first.sequence
        holeSince = now
        let isRestSeen = start.precedes(restedAt) && restedAt.precedesOrEquals(next)
        let goesOn = isRestSeen ? restedAt != next : missing % segmentSize == 0
        // What was written before it is told apart from what was lost by whoever gives the hole up.
        let hadWritten = hasWriteInTurn
        if goesOn { _ = beginTurn(acknowledging: first.acknowledgement) }
        noteHole(endsWrite: !goesOn, hadWritten: hadWritten)
        return missing
    }

    mutating func dropHeld(from pool: inout PayloadPool) {
        for segment in held { pool.unreserve(segment.cost) }
        held = []
        holeSince = .never
    }
}
