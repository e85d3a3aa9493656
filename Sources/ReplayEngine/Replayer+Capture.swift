import Wire

extension Replayer {
    /// Takes a segment that a client sent to an online endpoint. What concerns no transfer is counted and ignored.
    ///
    /// - Parameters:
    ///   - capturedAt: when the client sent it, on the same clock as `now`; its exchange goes no earlier.
    public mutating func handleCaptured(_ segment: borrowing TCPSegment, capturedAt: Instant, now: Instant) {
        let header = segment.header
        guard let transfer = transfer(to: header.flow.destination) else {
            ignored.otherDestination += 1
            return
        }
        guard !resources.isStopping else {
            ignored.afterStop += 1
            return
        }
        guard let index = session(for: header, transfer: transfer, capturedAt: capturedAt, now: now) else {
            ignored.strays += 1
            return
        }
        let isTaken = sessions[index].capture(
            header, payload: segment.payload, capturedAt: capturedAt, now: now, &resources)
        if !isTaken {
            shed(index, reason: .memory)
        } else if sessions[index].payload.count > resources.settings.backlogLimit {
            shed(index, reason: .backlog)
        }
        markReady(index)
    }

    private func transfer(to destination: Endpoint) -> Int? {
        resources.settings.transfers.firstIndex { $0.matches(destination) }
    }

    private func find(_ flow: Flow) -> Int? {
        captured.find(flow) { sessions[$0].capturedFlow == flow }
    }

    /// The session a segment belongs to, begun where the segment begins one; nil for a stray.
    private mutating func session(
        for header: SegmentHeader, transfer: Int, capturedAt: Instant, now: Instant
    ) -> Int? {
        let known = find(header.flow)
        let isSyn = header.flags.contains(.syn) && !header.flags.contains(.ack) && !header.flags.contains(.rst)
        guard isSyn else {
            if let known { return known }
            let beginsNothing = header.payloadLength == 0 || header.flags.contains(.rst) || header.flags.contains(.syn)
            guard !beginsNothing else { return nil }
            let isMidway = now - startedAt < Self.startGuard
            return begin(header, transfer: transfer, isMidway: isMidway, capturedAt: capturedAt, now: now)
        }
        guard let known else {
            return begin(header, transfer: transfer, isMidway: false, capturedAt: capturedAt, now: now)
        }
        let isRepeated = sessions[known].hasCapturedSyn && sessions[known].capturedSequence == header.sequence
        return isRepeated
            ? known : succeed(known, header, transfer: transfer, capturedAt: capturedAt, now: now)
    }

    /// The same client address and port again: the new session waits until the old one's has ended.
    private mutating func succeed(
        _ old: Int, _ header: SegmentHeader, transfer: Int, capturedAt: Instant, now: Instant
    ) -> Int {
        captured.remove(header.flow, old)
        sessions[old].supersede(capturedAt: capturedAt, &resources)
        markReady(old)
        let index = add(
            Session(
                header, replayFlow: sessions[old].replayFlow, transfer: transfer, phase: .heldByPredecessor,
                settings: resources.settings, isMidway: false, capturedAt: capturedAt, now: now))
        sessions[index].predecessor = Int32(old)
        sessions[old].successor = Int32(index)
        return index
    }

    private mutating func begin(
        _ header: SegmentHeader, transfer: Int, isMidway: Bool, capturedAt: Instant, now: Instant
    ) -> Int {
        let wanted = Flow(from: replayClient(header.flow.source), to: resources.settings.transfers[transfer].target)
        let flow = freeFlow(like: wanted)
        let index = add(
            Session(
                header, replayFlow: flow ?? wanted, transfer: transfer, phase: .dormant, settings: resources.settings,
                isMidway: isMidway, capturedAt: capturedAt, now: now))
        if flow == nil {
            sessions[index].shed(reason: .noReplayAddress, &resources)
        } else {
            replayed.insert(sessions[index].replayFlow, index)
        }
        if isMidway { sessions[index].enterMidway(&resources) }
        return index
    }

    private func replayClient(_ client: Endpoint) -> Endpoint {
        guard client.address.isLoopback, let address = resources.settings.localhostAddress else { return client }
        return Endpoint(address, client.port)
    }

    /// The flow itself if no live session holds it, else one with another client port of this slice.
    mutating func freeFlow(like flow: Flow) -> Flow? {
        guard isHeld(flow) else { return flow }
        var candidate = flow
        let start = Int(generator.next() % 64512)
        for step in 0..<64512 {
            candidate.sourcePort = UInt16(1024 + (start + step) % 64512)
            if resources.settings.slice.contains(port: candidate.sourcePort), !isHeld(candidate) { return candidate }
        }
        return nil
    }

    private func isHeld(_ flow: Flow) -> Bool {
        replayed.find(flow) { sessions[$0].replayFlow == flow } != nil
    }

    private mutating func add(_ session: Session) -> Int {
        let index: Int
        if let free = freeIndices.popLast() {
            index = free
            sessions[index] = session
        } else {
            index = sessions.count
            sessions.append(session)
        }
        captured.insert(session.capturedFlow, index)
        resources.ledgers[session.transfer].sessions.captured += 1
        resources.ledgers[session.transfer].sessions.selected += 1
        resources.ledgers[session.transfer].sessions.replayed += 1
        resources.ledgers[session.transfer].sessions.inFlight += 1
        return index
    }

    private mutating func shed(_ index: Int, reason: ShedReason) {
        guard sessions[index].shed(reason: reason, &resources) else { return }
        resources.events.append(.sessionShed(sessions[index].capturedFlow, reason))
    }
}
