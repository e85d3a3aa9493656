import Wire

// What the target did, as relayed, and what time did.
extension Session {
    /// Takes a header of the target's.
    mutating func hear(_ header: SegmentHeader, now: Instant, _ resources: inout ReplayResources) {
        let heard = connection.handle(header, delay: acknowledgementDelay(resources.settings), now: now)
        guard !heard.isEmpty, hasConnection else { return }
        activeAt = max(activeAt, now)
        if heard.contains(.established) { gate = TurnGate(answerStart: connection.receiveStart, now: now) }
        if heard.contains(.acknowledged) {
            // A FIN's number is no byte's.
            let isBeyond = connection.limit.precedes(connection.unacknowledged)
            dropPayload(before: position(isBeyond ? connection.limit : connection.unacknowledged), &resources)
        }
        gate.onHeard(header, leavesGap: heard.contains(.leftGap), now: now)
        if answeredBytes >= Self.longAnswer { resources.longAnswerUntil = now + Self.longAnswerPause }
        if outstanding > 0, connection.hasEverythingAcknowledged, answeredBytes > 0 { settle(&resources) }
        if phase == .settling {
            if heard.contains(.reset) { endSettling(reason: .resetByTarget, &resources) }
        } else if heard.contains(.refused) {
            failHandshake(reason: .refusedByTarget, &resources)
        } else if heard.contains(.reset) {
            settleAtEnd(reason: .resetByTarget, &resources)
            leaveConnection(&resources)
        } else if connection.isOver {
            settleAtEnd(reason: .closedByTarget, &resources)
            // What a client goes on to tell comes over a fresh connection.
            let goesOn = resources.turns.first(of: turns)?.kind == .brokenExchange
            if goesOn { leaveConnection(&resources) } else { finish(now: now, &resources) }
        }
    }

    /// Does what is due. The caller lets turns and segments go afterwards.
    mutating func handleTimeout(now: Instant, _ resources: inout ReplayResources) {
        guard phase != .lingering else { return }
        if resources.captureTime == nil { judgeHole(now: now, &resources) }
        if hasConnection {
            connection.handleTimeout(now: now)
            if connection.hasGivenUpHandshake, resources.mayJudge(now: now) {
                failHandshake(reason: .handshakeTimeout, &resources)
            }
        }
        if timeLimit(resources) <= now { expire(now: now, &resources) }
    }

    /// The relay is back: true when that lets the session do something.
    mutating func onRelayRestored(now: Instant) -> Bool {
        switch phase {
        case .awaitingRelay: phase = .dormant
        case .connected, .settling:
            connection.ask(now: now)
            gate.onRelayRestored(now: now)
        default: return false
        }
        return true
    }

    private mutating func expire(now: Instant, _ resources: inout ReplayResources) {
        let silence = resources.reach == .whole ? FailureReason.answerTimeout : .relayAway
        switch phase {
        case .connected where awaitsTarget:
            settleAtEnd(reason: silence, &resources)
            leaveConnection(&resources)
            activeAt = now
        case .settling:
            expectsNoAnswer = expectsNoAnswer || !awaitsTarget
            endSettling(reason: silence, &resources)
        case .notSelected, .dead, .lingering: linger(now: now)
        case .awaitingRelay: end(reason: .relayAway, now: now, &resources)
        case .heldBySafeStart, .heldByPredecessor, .awaitingGrant: end(reason: .targetSilent, now: now, &resources)
        case .connected, .dormant:
            // Nothing was heard online either.
            expectsNoAnswer = true
            settleAtEnd(reason: .answerTimeout, &resources)
            leaveConnection(&resources)
            finish(now: now, &resources)
        }
    }

    /// Ends the session now; what is not answered fails for this reason.
    mutating func end(reason: FailureReason, now: Instant, _ resources: inout ReplayResources) {
        if hasConnection { settleAtEnd(reason: reason, &resources) }
        if phase == .settling {
            endSettling(reason: reason, &resources)
            linger(now: now)
        } else if isIdle, hasConnected, connection.state != .synSent {
            leaveConnection(&resources)
            finish(now: now, &resources)
        } else {
            die(reason: reason, &resources)
            linger(now: now)
        }
    }
}
