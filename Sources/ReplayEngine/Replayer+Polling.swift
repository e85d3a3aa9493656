import Wire

extension Replayer {
    /// Writes packets that are to be sent now into `batch`. Returns true when there are more than fit: flush and call again.
    public mutating func pollPackets(into batch: inout PacketBatch, now: Instant) -> Bool {
        takeWaiting()
        guard !datagrams.poll(into: &batch, now: now, &resources) else { return true }
        while readyHead < ready.count {
            let index = Int(ready[readyHead])
            sessions[index].releaseTurns(index: index, now: now, &resources)
            guard sessions[index].transmit(to: &batch, now: now, &resources) else { return true }
            readyHead += 1
            sessions[index].isReady = false
            settleTimer(index, now: now)
        }
        ready.removeAll(keepingCapacity: true)
        readyHead = 0
        return false
    }

    /// A deadline that moved later is left where it is: the timer fires early and is armed again, which is cheaper than
    /// moving it with every segment.
    private mutating func settleTimer(_ index: Int, now: Instant) {
        if sessions[index].phase == .lingering, sessions[index].gateAt <= now || sessions[index].successor >= 0 {
            return remove(index, now: now)
        }
        let deadline = Self.settle(&sessions[index], &resources)
        if deadline < wheel.deadline(of: index) { wheel.arm(index, at: deadline) }
        if resources.captureTime != nil, sessions[index].stream.hasHole { settleHole(index) }
    }

    /// In place: a method that does not mutate is given a copy of the whole session when called through the array.
    @inline(never)
    private static func settle(_ session: inout Session, _ resources: inout ReplayResources) -> Instant {
        resources.setListening(session.listens, &session)
        return session.nextDeadline(resources)
    }

    mutating func markReady(_ index: Int) {
        guard !sessions[index].isReady else { return }
        sessions[index].isReady = true
        ready.append(Int32(index))
    }

    /// Does what is due by `now`; packets are polled afterwards.
    public mutating func handleTimeout(now: Instant) {
        takeWaiting()
        datagrams.handleTimeout(now: now, &resources)
        resources.datagramBytes = datagrams.bytesInUse
        takeTimeouts(now: now)
        guard resources.reach == .whole else { return }
        for transfer in resources.admissions.indices {
            guard let waiting = resources.admissions[transfer].takeReport(now: now) else { continue }
            let held = sessions.indices.filter {
                sessions[$0].phase == .heldBySafeStart && sessions[$0].transfer == transfer
            }
            resources.admissions[transfer].keepWaiting(held)
            resources.events.append(.targetSilent(transfer: transfer, waiting: waiting, held: held.count))
        }
    }

    mutating func takeTimeout(of index: Int, now: Instant) {
        sessions[index].handleTimeout(now: now, &resources)
        if sessions[index].phase != .connected { passProbe(from: index) }
        markReady(index)
    }

    /// Lets a held session try, if this one was the one to find out whether the target's answers are relayed.
    private mutating func passProbe(from index: Int) {
        let transfer = sessions[index].transfer
        guard resources.admissions[transfer].onProbeEnded(index) else { return }
        while let next = resources.admissions[transfer].takeWaiting() {
            guard sessions[next].phase == .heldBySafeStart, sessions[next].transfer == transfer else { continue }
            return wake([next])
        }
    }

    /// Takes a session out of everything; its successor goes on.
    private mutating func remove(_ index: Int, now: Instant) {
        let session = sessions[index]
        wheel.disarm(index)
        holes.disarm(index)
        removeCaptured(index)
        releasePair(of: index)
        unlinkAge(of: index)
        sessions[index].payload.removeAll(in: &resources.payload)
        resources.onlineAnswers.remove(session.onlineAnswers)
        sessions[index].stream.dropHeld(from: &resources.payload)
        resources.sessionBytes -= Self.bytesPerSession
        resources.unfollow(&sessions[index])
        resources.setListening(false, &sessions[index])
        freeIndices.append(index)
        passProbe(from: index)
        if session.predecessor >= 0 {
            // It never had its turn: who waits for it waits for its predecessor.
            sessions[Int(session.predecessor)].successor = session.successor
            if session.successor >= 0 { sessions[Int(session.successor)].predecessor = session.predecessor }
        } else if session.successor >= 0 {
            activate(Int(session.successor), after: session, now: now)
        }
    }

    /// Takes a session out of the copies of its client connection.
    private mutating func removeCaptured(_ index: Int) {
        let flow = sessions[index].capturedFlow
        guard let first = find(flow) else { return }
        let next = sessions[index].nextCopy
        if first == index {
            table.remove(flow, index, .captured)
            if next >= 0 { table.insert(flow, Int(next), .captured) }
            return
        }
        var copy = first
        while sessions[copy].nextCopy >= 0, sessions[copy].nextCopy != Int32(index) {
            copy = Int(sessions[copy].nextCopy)
        }
        if sessions[copy].nextCopy == Int32(index) { sessions[copy].nextCopy = next }
    }

    private mutating func activate(_ index: Int, after old: Session, now: Instant) {
        sessions[index].predecessor = -1
        let waits = sessions[index].phase == .heldByPredecessor
        // One that was shed meanwhile takes the pair too, to come back to.
        guard waits || sessions[index].canRejoin else { return }
        let wanted = sessions[index].replayFlow
        guard let flow = isHeld(wanted) ? freeFlow(for: wanted) : wanted else {
            shed(index, reason: .noReplayAddress)
            sessions[index].shedReason = .noReplayAddress
            return
        }
        sessions[index].replayFlow = flow
        table.insert(flow, index, .replayed)
        if flow == old.replayFlow { sessions[index].avoid(old.connection.highest, now: now) }
        if waits { sessions[index].phase = .dormant }
        markReady(index)
    }

    /// What the user may want to be told, oldest first.
    public mutating func pollEvents() -> [ReplayEvent] {
        guard !resources.events.isEmpty else { return [] }
        defer { resources.events = [] }
        return resources.events
    }

    /// Captures no more; sessions with nothing to wait for are closed, the others go on until they have.
    public mutating func beginStop() {
        takeWaiting()
        resources.isStopping = true
        datagrams.closeAll(&resources)
        for index in sessions.indices where sessions[index].phase != .lingering {
            sessions[index].closeStream(reason: .stopped, at: startedAt, &resources)
            markReady(index)
        }
    }

    /// Ends all sessions now: what is not answered fails, for the target's silence where it was never heard, and the target
    /// is sent RSTs.
    public mutating func endAll(now: Instant) {
        takeWaiting()
        resources.isStopping = true
        datagrams.endAll(&resources)
        for index in sessions.indices where sessions[index].isReplaying || sessions[index].phase == .settling {
            let isProven = resources.admissions[sessions[index].transfer].state == .proven
            sessions[index].end(reason: isProven ? .stopped : .targetSilent, now: now, &resources)
            markReady(index)
        }
    }
}
