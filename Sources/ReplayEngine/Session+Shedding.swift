import Wire

// Giving a session up on purpose, and taking it up again.
extension Session {
    /// What the target has not been sent yet of an exchange may be so much for the exchange to be carried on: else the memory
    /// that shedding is to free would be freed by the target only, as slowly as it likes.
    private static let settlingLimit = 64 << 10

    /// Gives the session up on purpose, whole. False when it was given up before.
    ///
    /// What waits goes at once. What is on its way comes to its own end first, so that the ledger tells what the target has.
    mutating func shed(reason: ShedReason, _ resources: inout ReplayResources) -> Bool {
        guard isReplaying else { return false }
        let settles = maySettle
        if let next = resources.turns.first(of: turns) {
            isDiscarding = true
            if next.kind == .fin || next.kind == .reset { expectsNoAnswer = next.answered <= 1 }
        }
        enterShed(removeWaiting(&resources), reason: reason, &resources)
        account(&resources) { sessions, _ in sessions[shed: reason] += 1 }
        shedReason = reason
        resources.follow(&self)
        guard settles else {
            abandon(&resources)
            return true
        }
        phase = .settling
        gateAt = .never
        let rest = min(max(payloadStart.distance(to: position(connection.limit)), 0), payload.count)
        payload.removeLast(leaving: rest, in: &resources.payload)
        payloadEnd = payloadStart.advanced(by: rest)
        return true
    }

    /// Whether shedding it would free memory at once.
    @inline(__always) var hasWhatToFree: Bool {
        if stream.hasHole { return true }
        guard maySettle else { return !payload.isEmpty }
        return position(connection.limit).precedes(payloadEnd)
    }

    @inline(__always) private var maySettle: Bool {
        guard phase == .connected, connection.isSynchronized, outstanding > 0 else { return false }
        return outstanding > 1 || connection.highest.distance(to: connection.limit) <= Self.settlingLimit
    }

    private func enterShed(_ count: Int, reason: ShedReason, _ resources: inout ReplayResources) {
        resources.ledgers[transfer].exchanges[shed: reason] += count
        resources.ledgers[transfer].exchanges.inFlight -= count
    }

    /// Leaves the connection, with all that is on its way.
    private mutating func abandon(_ resources: inout ReplayResources) {
        if let shedReason { enterShed(Int(outstanding), reason: shedReason, &resources) }
        outstanding = 0
        isDiscarding = true
        connection.abort()
        dropWaiting(&resources)
        phase = .dead
    }

    /// The client goes on with the exchange that was released last, of which nothing more is kept: the target can't answer it.
    mutating func cutSettling(_ resources: inout ReplayResources) {
        guard !isDiscarding, let shedReason else { return }
        isDiscarding = true
        guard outstanding > 0 else { return }
        outstanding -= 1
        enterShed(1, reason: shedReason, &resources)
        if outstanding == 0 { abandon(&resources) }
    }

    /// Closes the connection once what was on its way has come to its end, and its answer too.
    mutating func settleShed(now: Instant, _ resources: inout ReplayResources) {
        let isClosed = connection.isOver || (connection.hasTargetFinished && connection.hasEverythingAcknowledged)
        if isClosed { return endSettling(reason: .closedByTarget, &resources) }
        if expectsNoAnswer, connection.hasEverythingAcknowledged { settle(&resources) }
        guard outstanding == 0, resources.mayJudge(now: now) else { return }
        let quiet = gate.quietSince + TurnGate.quietBounds.upperBound
        if quiet <= now { endSettling(reason: .closedByTarget, &resources) } else { gateAt = quiet }
    }

    /// What was on its way has come to its end: answered, or failed for this reason.
    mutating func endSettling(reason: FailureReason, _ resources: inout ReplayResources) {
        settleAtEnd(reason: reason, &resources)
        if connection.isSynchronized { connection.abort() }
        dropWaiting(&resources)
        isDiscarding = true
        phase = .dead
        gateAt = .never
    }

    /// Whether it was shed, but has a pair of addresses to come back to.
    @inline(__always) var canRejoin: Bool {
        phase == .dead && predecessor < 0 && (shedReason == .memory || shedReason == .backlog)
    }

    /// There is room again: the session goes on with the exchange that now begins.
    mutating func rejoin(_ resources: inout ReplayResources) {
        resources.unfollow(&self)
        phase = .dormant
        shedReason = nil
        attempts = 0
        isFresh = true
        expectsNoAnswer = false
    }

    /// Empties the queue; returns how many exchanges were in it.
    private mutating func removeWaiting(_ resources: inout ReplayResources) -> Int {
        var exchanges = 0
        while let turn = resources.turns.removeFirst(of: &turns) {
            if turn.kind == .exchange || turn.kind == .brokenExchange { exchanges += 1 }
        }
        stream.dropHeld(from: &resources.payload)
        return exchanges
    }
}
