import Wire

// What goes to the target, and when.
extension Session {
    /// An ISN that Linux takes for a new connection's also in TIME-WAIT, and well away from what is still on its way.
    private static func sequence(beyond highest: SequenceNumber) -> SequenceNumber { highest.advanced(by: 1 << 17) }

    /// The pair of addresses was in use until now, up to this number: the first ISN must lie beyond.
    mutating func avoid(_ highest: SequenceNumber, now: Instant) {
        guard connection.initialSequence.precedesOrEquals(highest) else { return }
        replaceConnection(initialSequence: Self.sequence(beyond: highest), now: now)
    }

    private mutating func replaceConnection(initialSequence: SequenceNumber, now: Instant) {
        connection = TargetConnection(
            initialSequence: initialSequence, offer: connection.offer, path: connection.path, replacing: connection,
            now: now)
    }

    /// Opens a connection whose first byte will be the first that waits: the session's first with the client's own
    /// numbers where its SYN was seen.
    private mutating func connect(now: Instant, _ resources: inout ReplayResources) {
        if hasConnected { resources.ledgers[transfer].reopenings += 1 }
        if hasConnected || !hasCapturedSyn {
            replaceConnection(initialSequence: Self.sequence(beyond: connection.highest), now: now)
            isFresh = true
        }
        expectsNoAnswer = false
        offset = connection.initialSequence.rawValue &+ 1 &- payloadStart.rawValue
        connection.open(now: now)
        phase = .connected
        gateAt = .never
        attempts = min(attempts + 1, Self.attemptLimit)
        hasConnected = true
    }

    /// Lets whatever may go now go to the connection.
    mutating func releaseTurns(index: Int, now: Instant, _ resources: inout ReplayResources) {
        if phase != .lingering { gateAt = .never }
        if phase == .dormant, awaitsFirstConnection { open(index: index, now: now, &resources) }
        while let turn = resources.turns.first(of: turns) {
            switch phase {
            case .dormant: resume(before: turn, index: index, now: now, &resources)
            case .connected:
                guard connection.isSynchronized, let opening = opening(for: turn, now: now, &resources) else { return }
                if turn.kind == .exchange {
                    resources.ledgers[transfer].lateness.enter(now - max(turn.capturedAt, opening))
                }
                release(turn, now: now, &resources)
            default: return
            }
        }
        if phase == .dormant, hasClientEnded { finish(now: now, &resources) }
        if phase == .settling { settleShed(now: now, &resources) }
        if phase == .dead || phase == .notSelected, hasClientEnded { linger(now: now) }
        if successor >= 0 { makeWay(now: now, &resources) }
        if resources.isStopping, phase == .connected, isIdle, connection.isSynchronized { connection.releaseFin() }
    }

    /// The client uses its address and port for its next connection already: a target that does not close this one is not
    /// waited for as long as else.
    private mutating func makeWay(now: Instant, _ resources: inout ReplayResources) {
        guard phase == .settling || (phase == .connected && connection.finReleased) else { return }
        guard resources.mayJudge(now: now) else { return }
        let limit = silentSince(resources) + TurnGate.patience
        guard limit <= now else {
            gateAt = min(gateAt, limit)
            return
        }
        guard phase == .connected else {
            endSettling(reason: .answerTimeout, &resources)
            return linger(now: now)
        }
        settleAtEnd(reason: .answerTimeout, &resources)
        leaveConnection(&resources)
        finish(now: now, &resources)
    }

    /// Opens a connection, unless safe start or another host's claim make the session wait.
    private mutating func open(index: Int, now: Instant, _ resources: inout ReplayResources) {
        if let hold = resources.hold(for: self, index: index, now: now) {
            phase = hold
        } else {
            connect(now: now, &resources)
        }
    }

    /// Without a connection: does what the next turn needs.
    private mutating func resume(before turn: Turn, index: Int, now: Instant, _ resources: inout ReplayResources) {
        switch turn.kind {
        case .exchange where attempts >= Self.attemptLimit && now < connection.heardAt + Self.pause:
            drop(turn, reason: lastFailure ?? .resetByTarget, &resources)
            if turns.isEmpty { isDiscarding = true }
        case .exchange: open(index: index, now: now, &resources)
        case .brokenExchange: drop(turn, reason: turn.reason, &resources)
        case .fin, .reset:
            resources.turns.removeFirst(of: &turns)
            finish(now: now, &resources)
        }
    }

    private mutating func drop(_ turn: Turn, reason: FailureReason, _ resources: inout ReplayResources) {
        resources.turns.removeFirst(of: &turns)
        dropPayload(before: turn.end, &resources)
        fail(1, reason: reason, &resources)
    }

    /// Asks the gate: since when it has been open for this turn. If it is not, notes when to ask again.
    private mutating func opening(
        for turn: Turn, now: Instant, _ resources: inout ReplayResources
    ) -> Instant? {
        guard turn.capturedAt <= now else {
            gateAt = turn.capturedAt
            return nil
        }
        if turn.kind == .brokenExchange, !turn.waits, outstanding > 0 { return endTelling(now: now, resources) }
        guard isGated(turn, resources.settings) else {
            return mayPassUngated(turn) ? gate.quietSince : nil
        }
        guard connection.hasEverythingAcknowledged else { return nil }
        return askGate(for: turn, now: now, &resources)
    }

    @inline(__always) private func isGated(_ turn: Turn, _ settings: ReplaySettings) -> Bool {
        guard turn.waits, !isFresh, settings.waitsForAnswers, !connection.hasTargetFinished else { return false }
        // Nothing was asked on this connection, so no answer is cut short by ending it.
        return turn.kind != .brokenExchange || outstanding > 0 || answeredBytes > 0
    }

    /// A FIN goes right behind the bytes before it; a RST must find them acknowledged, or it would erase them.
    @inline(__always) private func mayPassUngated(_ turn: Turn) -> Bool {
        switch turn.kind {
        case .exchange: true
        case .fin: !connection.hasTargetFinished || connection.hasEverythingAcknowledged
        case .reset, .brokenExchange: connection.hasEverythingAcknowledged
        }
    }

    private mutating func askGate(
        for turn: Turn, now: Instant, _ resources: inout ReplayResources
    ) -> Instant? {
        let decision = gate.decision(
            needed: Int(turn.answered), isEnding: turn.kind != .exchange, mayGuess: resources.mayJudge(now: now),
            receiveNext: connection.receiveNext, habits: resources.habits[transfer], now: now)
        switch decision {
        case .wait(let until):
            gateAt = until
            return nil
        case .open(let since, let answered):
            gate.onOpened(
                needed: Int(turn.answered), receiveNext: connection.receiveNext, habits: &resources.habits[transfer],
                now: now)
            if !answered { resources.ledgers[transfer].releasedUnanswered += 1 }
            return since
        }
    }

    private mutating func release(_ turn: Turn, now: Instant, _ resources: inout ReplayResources) {
        isFresh = false
        switch turn.kind {
        case .exchange where connection.hasTargetFinished:
            // It closed early: the connection is ended, and this exchange begins the next.
            settleAtEnd(reason: .closedByTarget, &resources)
            leaveConnection(&resources)
            return
        case .exchange:
            connection.release(to: targetSequence(turn.end))
            outstanding += 1
            gate.onReleased(receiveNext: connection.receiveNext, now: now)
        case .brokenExchange:
            settleAtEnd(reason: .closedByTarget, &resources)
            leaveConnection(&resources)
            drop(turn, reason: turn.reason, &resources)
            return
        case .fin:
            expectsNoAnswer = turn.answered <= 1 && answeredOnline(resources) == 0
            connection.releaseFin()
        case .reset:
            expectsNoAnswer = turn.answered <= 1
            settleAtEnd(reason: .resetByClient, &resources)
            leaveConnection(&resources)
        }
        resources.turns.removeFirst(of: &turns)
    }

    mutating func dropPayload(before position: SequenceNumber, _ resources: inout ReplayResources) {
        let count = min(payloadStart.distance(to: position), payload.count)
        guard count > 0 else { return }
        payload.removeFirst(count, in: &resources.payload)
        payloadStart = payloadStart.advanced(by: count)
    }
}
