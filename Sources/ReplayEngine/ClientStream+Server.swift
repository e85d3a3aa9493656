import Wire

// What the online server's segments tell of the client.
extension ClientStream {
    /// The client's first acknowledgement was captured, and the server's first byte is known: what lies between, it has heard.
    mutating func beginHearing(at start: SequenceNumber) { acknowledgedAtTurn = start }

    /// What the client had acknowledged when it began its last turn, or at the start; nil before anything was heard.
    var heardAtTurn: SequenceNumber? { acknowledgedAtTurn }

    /// Whether the client has acknowledged more than at its last turn.
    var hasHeardSinceTurn: Bool { hasBegunTurn && (acknowledged.map { isBoundary(acknowledging: $0) } ?? false) }

    /// The first byte beyond the hole; nil without one.
    var holeEnd: SequenceNumber? { held.first?.sequence }

    /// What lies before is lost, and ended a write.
    mutating func skip(to number: SequenceNumber) { onTaken(next.distance(to: number), endsWrite: true) }

    /// Gives the hole up where it is known whether what follows begins an exchange.
    mutating func skipHole(endsExchange: Bool, now: Instant) {
        guard let first = held.first else { return }
        next = first.sequence
        holeSince = now
        if !endsExchange { _ = beginTurn(acknowledging: first.acknowledgement) }
    }
}
