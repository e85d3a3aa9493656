import Wire

// Clients who only tell, as shippers of logs do: no answer divides what they say into exchanges. All of it is one; where
// bytes of it are lost for good, it ends with the last write before, and another begins with the next write.
extension Session {
    /// How long nobody must have heard anything for a client to be taken for one who only tells.
    static let tellingPatience = TurnGate.patience

    /// Whether neither this client nor any other of the transfer has ever heard an answer.
    @inline(__always) private func tellsOnly(at instant: Instant, _ resources: borrowing ReplayResources) -> Bool {
        guard !stream.hasHeard, !resources.habits[transfer].isAnsweredOnline else { return false }
        guard resources.onCaptureClock(instant) - capturedSynAt >= Self.tellingPatience else { return false }
        return !(resources.onlineAnswers[onlineAnswers]?.hasAnswered ?? false)
    }

    /// Whether bytes that come now begin an exchange, since the one before can't be carried on.
    @inline(__always) func goesOnTelling(at instant: Instant, _ resources: borrowing ReplayResources) -> Bool {
        guard isDiscarding, stream.beginsWrite else { return false }
        guard isReplaying || (canRejoin && resources.mayRejoin) else { return false }
        return tellsOnly(at: instant, resources)
    }

    /// Whether a hole leaves whole writes of the exchange before it, which the target has been sent.
    func hasToldWrites(at instant: Instant, _ resources: borrowing ReplayResources) -> Bool {
        turns.isEmpty && outstanding > 0 && stream.hasWriteInTurn && tellsOnly(at: instant, resources)
    }

    /// Ends the connection so that nothing that was told is lost: when the target has taken all of it, and said so by its FIN.
    ///
    /// - Returns: when it was over; nil as long as it is not.
    mutating func endTelling(now: Instant, _ resources: borrowing ReplayResources) -> Instant? {
        expectsNoAnswer = true
        if !connection.finReleased {
            connection.releaseFin()
            gate.onReleased(receiveNext: connection.receiveNext, now: now)
        }
        if connection.hasTargetFinished, connection.hasEverythingAcknowledged { return now }
        guard resources.mayJudge(now: now) else { return nil }
        let limit = silentSince(resources) + TurnGate.patience
        guard limit > now else { return now }
        gateAt = limit
        return nil
    }
}
