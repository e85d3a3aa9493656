import Wire

// How exchanges and sessions end, and where they are entered.
extension Session {
    /// What is outstanding was answered.
    mutating func settle(_ resources: inout ReplayResources) {
        guard outstanding > 0 else { return }
        resources.ledgers[transfer].exchanges.answered += Int(outstanding)
        resources.ledgers[transfer].exchanges.inFlight -= Int(outstanding)
        outstanding = 0
        attempts = 1
        lastFailure = nil
    }

    /// The target has answered already what was known of an exchange that then turned out to lack bytes.
    mutating func unsettle(reason: FailureReason, _ resources: inout ReplayResources) {
        resources.ledgers[transfer].exchanges.answered -= 1
        resources.ledgers[transfer].exchanges[failed: reason] += 1
        lastFailure = reason
    }

    /// The connection ends: what is outstanding was answered if the target has taken it and nothing more was expected.
    mutating func settleAtEnd(reason: FailureReason, _ resources: inout ReplayResources) {
        if connection.hasEverythingAcknowledged, expectsNoAnswer || answeredBytes > 0 {
            settle(&resources)
        } else {
            failOutstanding(reason: reason, &resources)
        }
    }

    /// Payload bytes that the target has sent since the last turn was released.
    @inline(__always) var answeredBytes: Int {
        gate.answeredBytes(upTo: connection.receiveNext) - (connection.hasTargetFinished ? 1 : 0)
    }

    mutating func failOutstanding(reason: FailureReason, _ resources: inout ReplayResources) {
        guard outstanding > 0 else { return }
        fail(Int(outstanding), reason: reason, &resources)
        outstanding = 0
    }

    mutating func fail(_ count: Int, reason: FailureReason, _ resources: inout ReplayResources) {
        resources.ledgers[transfer].exchanges[failed: reason] += count
        resources.ledgers[transfer].exchanges.inFlight -= count
        lastFailure = reason
    }

    /// The target did not take the connection: the exchange that was to go over it fails, the next tries again.
    mutating func failHandshake(reason: FailureReason, _ resources: inout ReplayResources) {
        lastFailure = reason
        if let turn = resources.turns.first(of: turns), turn.kind == .exchange {
            resources.turns.removeFirst(of: &turns)
            fail(1, reason: reason, &resources)
            leaveConnection(&resources)
            dropPayload(before: turn.end, &resources)
        } else {
            leaveConnection(&resources)
        }
    }

    /// Gives the connection up, with all that was released on it; the session waits for its next exchange.
    mutating func leaveConnection(_ resources: inout ReplayResources) {
        if connection.isSynchronized || connection.state == .synSent { connection.abort() }
        if hasConnected { dropPayload(before: position(connection.limit), &resources) }
        // Further bytes of the exchange that went over it have nowhere to go; the next boundary ends that.
        if turns.isEmpty { isDiscarding = true }
        phase = .dormant
        gateAt = .never
    }

    /// The session has come to its end: entered as answered unless its last exchange failed.
    mutating func finish(now: Instant, _ resources: inout ReplayResources) {
        guard phase != .lingering else { return }
        if isReplaying {
            failOutstanding(reason: .closedByTarget, &resources)
            failWaiting(reason: lastFailure ?? .closedByTarget, &resources)
            account(&resources) { sessions, lastFailure in
                if let lastFailure { sessions[failed: lastFailure] += 1 } else { sessions.answered += 1 }
            }
        }
        linger(now: now)
    }

    /// Enters the session in the ledger, once: one that was shed and has rejoined stands there already.
    mutating func account(
        _ resources: inout ReplayResources, _ enter: (inout Account, FailureReason?) -> Void
    ) {
        guard !isAccounted else { return }
        isAccounted = true
        resources.ledgers[transfer].sessions.inFlight -= 1
        enter(&resources.ledgers[transfer].sessions, lastFailure)
    }

    mutating func linger(now: Instant) {
        phase = .lingering
        gateAt = now + clientRoundTrip + Self.lingering
    }

    /// The session can't be carried on: all that waits fails, and what the client still sends is counted as failed.
    mutating func die(reason: FailureReason, _ resources: inout ReplayResources) {
        guard isReplaying else { return }
        failOutstanding(reason: reason, &resources)
        failWaiting(reason: reason, &resources)
        lastFailure = reason
        connection.abort()
        account(&resources) { sessions, _ in sessions[failed: reason] += 1 }
        phase = .dead
    }

    private mutating func failWaiting(reason: FailureReason, _ resources: inout ReplayResources) {
        while let turn = resources.turns.removeFirst(of: &turns) {
            switch turn.kind {
            case .exchange: fail(1, reason: reason, &resources)
            case .brokenExchange: fail(1, reason: turn.reason, &resources)
            case .fin, .reset: break
            }
        }
        dropWaiting(&resources)
    }

    mutating func dropWaiting(_ resources: inout ReplayResources) {
        payload.removeAll(in: &resources.payload)
        payloadStart = payloadEnd
        stream.dropHeld(from: &resources.payload)
    }
}
