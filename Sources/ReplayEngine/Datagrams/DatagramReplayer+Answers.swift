import Wire

extension DatagramReplayer {
    /// What an answer was to what is known.
    enum Hearing {
        /// It answers a datagram.
        case answer
        /// Every datagram of its flow was answered, or given up, before.
        case surplus
        case unknownFlow
    }

    /// Takes the header of an answer, from a target to a replayed client: it answers the oldest datagram that waits.
    mutating func hear(_ header: DatagramHeader, now: Instant, _ resources: inout ReplayResources) -> Hearing {
        guard let index = findReplayed(header.flow.reversed) else { return .unknownFlow }
        let transfer = Int(flows[index].transfer)
        prove(transfer, now: now, &resources)
        guard flows[index].waiting > flows[index].answered else { return .surplus }
        flows[index].answered += 1
        inFlight -= 1
        resources.ledgers[transfer].exchanges.inFlight -= 1
        resources.ledgers[transfer].exchanges.answered += 1
        while let first = waits.first, flows[Int(first.flow)].answered > 0 { settleFirstWait() }
        return .answer
    }

    /// The target of a transfer was heard, here or by another shard: what was held goes.
    mutating func prove(_ transfer: Int, now: Instant, _ resources: inout ReplayResources) {
        guard !admissions[transfer].isProven else { return }
        let proven = resources.settings.transfers[transfer]
        for other in resources.settings.transfers.indices
        where resources.settings.transfers[other].target == proven.target
            && resources.settings.transfers[other].carrier == .udp && !admissions[other].isProven
        {
            admissions[other].prove()
            if let first = queues[other].first { schedules[other].begin(captured: first.due, now: now) }
            resources.events.append(.targetProven(transfer: other))
        }
        hasWork = true
    }

    /// The datagram sent longest ago leaves the waits, as its flow says: answered, or not. True if it was answered.
    @discardableResult
    private mutating func settleFirstWait() -> Bool {
        guard let entry = waits.first else { return false }
        waits.removeFirst()
        let index = Int(entry.flow)
        flows[index].waiting -= 1
        guard flows[index].answered > 0 else { return false }
        flows[index].answered -= 1
        return true
    }

    /// Those that have waited long enough, or all before `instant`, are silent, or fail for `reason`.
    private mutating func endWaits(
        until instant: Instant, failing reason: FailureReason? = nil, _ resources: inout ReplayResources
    ) {
        while let entry = waits.first, entry.deadline <= instant {
            let transfer = Int(flows[Int(entry.flow)].transfer)
            guard !settleFirstWait() else { continue }
            inFlight -= 1
            resources.ledgers[transfer].exchanges.inFlight -= 1
            if let reason = reason ?? (mayHaveMissedAnswer(to: entry, resources) ? .relayAway : nil) {
                resources.ledgers[transfer].exchanges[failed: reason] += 1
            } else {
                resources.ledgers[transfer].exchanges.silent += 1
            }
        }
    }

    /// Whether an assistant was away while a datagram waited: its silence says nothing.
    private func mayHaveMissedAnswer(to entry: AnswerWaits.Entry, _ resources: borrowing ReplayResources) -> Bool {
        resources.reach != .whole || entry.deadline < resources.reachChangedAt + Self.patience(resources)
    }

    static func patience(_ resources: borrowing ReplayResources) -> Interval {
        min(AnswerWaits.patience, resources.settings.sessionTimeout)
    }

    /// All assistants relay again: what they missed nobody sends again, so it must not wait for the answers to what follows.
    mutating func onRelayRestored(now: Instant, _ resources: inout ReplayResources) {
        let patience = Self.patience(resources).nanoseconds - Self.latestAnswer.nanoseconds
        endWaits(until: now + Interval(nanoseconds: patience), failing: .relayAway, &resources)
    }

    /// What was sent so shortly before an assistant was back may well have its answer relayed.
    private static let latestAnswer = Interval.milliseconds(100)
}

// Time
extension DatagramReplayer {
    /// When `handleTimeout` has something to do; may be early, never late.
    var nextDeadline: Instant {
        guard isUsed else { return .never }
        var deadline = waits.first?.deadline ?? .never
        if oldest >= 0 { deadline = min(deadline, flows[Int(oldest)].lastCapture + Self.idleLimit) }
        for transfer in queues.indices {
            deadline = min(deadline, admissions[transfer].reportDeadline)
            guard let first = queues[transfer].first else { continue }
            if admissions[transfer].isProven {
                deadline = min(deadline, schedules[transfer].due(first.due))
            } else {
                let probe = max(admissions[transfer].nextProbe, first.due)
                deadline = min(deadline, probe, first.due + DatagramAdmission.holdLimit)
            }
        }
        return deadline
    }

    /// Does what is due by `now`; datagrams are polled afterwards.
    mutating func handleTimeout(now: Instant, _ resources: inout ReplayResources) {
        guard isUsed else { return }
        endWaits(until: now, &resources)
        for transfer in queues.indices {
            while !admissions[transfer].isProven, let first = queues[transfer].first,
                first.due + DatagramAdmission.holdLimit <= now
            {
                failFirst(of: transfer, .targetSilent, &resources)
            }
            if !queues[transfer].isEmpty { hasWork = true }
            guard let waiting = admissions[transfer].takeReport(now: now) else { continue }
            resources.events.append(
                .targetSilent(transfer: transfer, waiting: waiting, held: queues[transfer].count))
        }
        while oldest >= 0, flows[Int(oldest)].lastCapture + Self.idleLimit <= now {
            let index = Int(oldest)
            if isSettled(index) { remove(index, &resources) } else { touch(index, now: now) }
        }
    }

    /// Gives up what is not answered, and what was not sent.
    mutating func endAll(_ resources: inout ReplayResources) {
        endWaits(until: .never, failing: .stopped, &resources)
        for transfer in queues.indices {
            let reason: FailureReason = admissions[transfer].isProven ? .stopped : .targetSilent
            while !queues[transfer].isEmpty { failFirst(of: transfer, reason, &resources) }
        }
        closeAll(&resources)
    }
}
