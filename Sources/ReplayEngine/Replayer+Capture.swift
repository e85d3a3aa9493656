import Wire

extension Replayer {
    /// Takes a segment that a client sent to an online endpoint. What concerns no transfer is counted and ignored.
    ///
    /// - Parameters:
    ///   - capturedAt: when the client sent it, on the same clock as `now`; its exchange goes no earlier.
    public mutating func handleCaptured(_ segment: borrowing TCPSegment, capturedAt: Instant, now: Instant) {
        let header = segment.header
        guard let transfer = transfer(to: header.flow.destination) else {
            takeWaiting()
            if !handleCapturedResponse(header, now: now) { resources.ignored.otherDestination += 1 }
            return
        }
        guard !resources.isStopping else {
            resources.ignored.afterStop += 1
            return
        }
        takeSoon(header, payload: segment.payload, transfer: transfer, capturedAt: capturedAt, now: now)
    }

    mutating func take(
        _ header: SegmentHeader, payload: RawSpan, transfer: Int, capturedAt: Instant, now: Instant
    ) {
        guard let first = session(for: header, transfer: transfer, capturedAt: capturedAt, now: now) else { return }
        var index = first
        while index >= 0 {
            makeRoom(forBytes: payload.byteCount, of: index)
            sessions[index].capture(
                header, payload: payload, isFirst: index == first, capturedAt: capturedAt, now: now, &resources)
            if sessions[index].payload.count > resources.settings.backlogLimit {
                shed(index, reason: .backlog)
            }
            markReady(index)
            index = Int(sessions[index].nextCopy)
        }
    }

    /// Nothing more is captured of any connection that is open: each ends as if its client had closed it. What is captured
    /// from now on, of the same addresses and ports too, belongs to new connections.
    public mutating func handleEndOfCapture(capturedAt: Instant, now: Instant) {
        takeWaiting()
        datagrams.closeAll(&resources)
        for index in sessions.indices where find(sessions[index].capturedFlow) == index {
            supersede(index, capturedAt: capturedAt, now: now, isAtEnd: true)
        }
    }

    @inline(__always) private func transfer(to destination: Endpoint) -> Int? {
        resources.settings.transfers.firstIndex { !$0.isUDP && $0.matches(destination) }
    }

    @inline(__always) func find(_ flow: Flow) -> Int? {
        table.find(flow, .captured) { sessions[$0].capturedFlow == flow }
    }

    @inline(__always) func findReplayed(_ flow: Flow) -> Int? {
        table.find(flow, .replayed) { sessions[$0].replayFlow == flow }
    }

    /// The session a segment belongs to, begun where the segment begins one; nil for one that is ignored, and counted so.
    private mutating func session(
        for header: SegmentHeader, transfer: Int, capturedAt: Instant, now: Instant
    ) -> Int? {
        let known = find(header.flow)
        let isSyn = header.flags.contains(.syn) && !header.flags.contains(.ack) && !header.flags.contains(.rst)
        guard isSyn else {
            if let known {
                // Asked first, since a method that does not mutate would be given a copy of the whole session.
                guard sessions[known].hasClientEnded || sessions[known].phase == .lingering else { return known }
                guard sessions[known].isTakenUpAgain(by: header) || sessions[known].isSucceeded(by: header) else {
                    return known
                }
                supersede(known, capturedAt: capturedAt, now: now)
                return begin(header, transfer: transfer, isMidway: false, capturedAt: capturedAt, now: now)
            }
            let beginsNothing = header.payloadLength == 0 || header.flags.contains(.rst) || header.flags.contains(.syn)
            guard !beginsNothing else {
                if header.flags == .ack { rememberBeginning(of: header.flow, at: header.sequence, now: now) }
                resources.ignored.strays += 1
                return nil
            }
            let isMidway = mayBeMidway(header, now: now)
            return begin(header, transfer: transfer, isMidway: isMidway, capturedAt: capturedAt, now: now)
        }
        if let known {
            if sessions[known].began(with: header, capturedAt: resources.onCaptureClock(capturedAt)) { return known }
            supersede(known, capturedAt: capturedAt, now: now)
        }
        return begin(header, transfer: transfer, isMidway: false, capturedAt: capturedAt, now: now)
    }

    /// Whether a segment looks like all that a client had to say: PSH, and not full segments only. The tail of a longer
    /// exchange looks alike, but is seen first only if capture began in the microseconds before it.
    static func isWholeWrite(_ header: SegmentHeader) -> Bool {
        let headers = header.flow.sourceAddress.isIPv4 ? 40 : 60
        let fullSegment = 1500 - headers - (header.options.timestamps == nil ? 0 : 12)
        return header.flags.contains(.psh) && header.payloadLength % fullSegment != 0
    }

    /// The same client address and port again: the old connection, in all its copies, has ended.
    private mutating func supersede(_ first: Int, capturedAt: Instant, now: Instant, isAtEnd: Bool = false) {
        table.remove(sessions[first].capturedFlow, first, .captured)
        var index = first
        while index >= 0 {
            if isAtEnd {
                sessions[index].endCapture(capturedAt: capturedAt, now: now, &resources)
            } else {
                sessions[index].supersede(capturedAt: capturedAt, now: now, &resources)
            }
            markReady(index)
            let next = Int(sessions[index].nextCopy)
            sessions[index].nextCopy = -1
            index = next
        }
    }

    /// Begins a client connection, in all its copies; returns the first, or nil where there is no memory even to follow it.
    private mutating func begin(
        _ header: SegmentHeader, transfer: Int, isMidway: Bool, capturedAt: Instant, now: Instant
    ) -> Int? {
        let isSelected =
            selection.includes(header.flow.sourceAddress, now: now)
            && (header.flags.contains(.syn) || !resources.settings.onlyFullSessions)
        let copies = isSelected ? resources.settings.copies : 1
        guard resources.hasRoom(forSessions: copies) else {
            resources.ignored.beyondMemory += 1
            return nil
        }
        var previous = -1
        // From the last copy to the first, so that each is linked to the one after it.
        for copy in (0..<copies).reversed() {
            let index = add(
                header, transfer: transfer, copy: copy, after: previous, isSelected: isSelected, isMidway: isMidway,
                capturedAt: capturedAt, now: now)
            previous = index
        }
        table.insert(header.flow, previous, .captured)
        resources.ledgers[transfer].sessions.captured += 1
        if isSelected {
            resources.ledgers[transfer].sessions.selected += 1
        } else {
            resources.ledgers[transfer].sessions.notSelected += 1
        }
        return previous
    }

    private mutating func add(
        _ header: SegmentHeader, transfer: Int, copy: Int, after previous: Int, isSelected: Bool, isMidway: Bool,
        capturedAt: Instant, now: Instant
    ) -> Int {
        let target = resources.settings.transfers[transfer].target
        let wanted = Flow(from: resources.settings.replayClient(header.flow.source), to: target)
        var session = Session(
            header, replayFlow: wanted, transfer: transfer, phase: isSelected ? .dormant : .notSelected,
            settings: resources.settings, isMidway: isMidway, capturedAt: resources.onCaptureClock(capturedAt), now: now
        )
        session.entersCapture = copy == 0
        session.nextCopy = Int32(previous)
        guard isSelected else {
            resources.follow(&session)
            return store(session)
        }
        resources.ledgers[transfer].sessions.replayed += 1
        resources.ledgers[transfer].sessions.inFlight += 1
        let keepsPair = copy == 0 && resources.settings.clientPool == nil
        let holder = keepsPair ? findReplayed(wanted) : nil
        let index: Int
        if let holder, sessions[holder].capturedFlow == header.flow {
            session.phase = .heldByPredecessor
            index = store(session)
            append(index, toSuccessorsOf: holder)
        } else if let flow = keepsPair && holder == nil ? wanted : freeFlow(for: wanted, after: previous) {
            session.replayFlow = flow
            index = store(session)
            table.insert(flow, index, .replayed)
        } else {
            index = store(session)
            shed(index, reason: .noReplayAddress)
        }
        if !resources.hasRoomForSessions { shed(index, reason: .memory) }
        if isMidway { sessions[index].enterMidway(&resources) }
        return index
    }

    /// A free pair for a copy; none, without a search, where the copy before got none.
    private mutating func freeFlow(for wanted: Flow, after previous: Int) -> Flow? {
        guard previous < 0 || sessions[previous].shedReason != .noReplayAddress else { return nil }
        return freeFlow(for: wanted)
    }

    /// The new session waits until the old ones with its client's address and port have ended.
    private mutating func append(_ index: Int, toSuccessorsOf holder: Int) {
        var last = holder
        while sessions[last].successor >= 0 { last = Int(sessions[last].successor) }
        sessions[last].successor = Int32(index)
        sessions[index].predecessor = Int32(last)
    }

    private mutating func store(_ session: Session) -> Int {
        let index: Int
        if let free = freeIndices.popLast() {
            index = free
            sessions[index] = session
        } else {
            index = sessions.count
            sessions.append(session)
        }
        resources.sessionBytes += Self.bytesPerSession
        sessions[index].older = newest
        if newest >= 0 { sessions[Int(newest)].newer = Int32(index) }
        newest = Int32(index)
        return index
    }
}
