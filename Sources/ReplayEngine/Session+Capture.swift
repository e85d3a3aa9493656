import Wire

// What the client did, as captured.
extension Session {
    /// Takes a segment of the client's.
    ///
    /// - Parameter isFirst: it is the first of the copies, which enters in the ledger what was captured.
    mutating func capture(
        _ header: SegmentHeader, payload bytes: RawSpan, isFirst: Bool, capturedAt: Instant, now: Instant,
        _ resources: inout ReplayResources
    ) {
        entersCapture = isFirst
        activeAt = max(activeAt, now)
        let isAcknowledging = header.flags.contains(.ack) && !header.flags.contains(.syn)
        if isAcknowledging {
            let isFirst = stream.acknowledged == nil
            if isFirst { measureClient(capturedAt: resources.onCaptureClock(capturedAt), resources.settings) }
            stream.onAcknowledgement(
                header.acknowledgement, at: header.sequence, isBare: header.payloadLength == 0)
            if stream.hasHeard { resources.habits[transfer].isAnsweredOnline = true }
            if isFirst, let start = resources.onlineAnswers[onlineAnswers]?.start { stream.beginHearing(at: start) }
        }
        if header.flags.contains(.rst) {
            endByReset(capturedAt: capturedAt, &resources)
            return
        }
        // "If the ACK bit is off, drop the segment and return" (RFC 9293, section 3.10.7.4); after a FIN nothing follows.
        guard isAcknowledging || header.flags.contains(.syn), !hasClientEnded else { return }
        let start = header.flags.contains(.syn) ? header.sequence.advanced(by: 1) : header.sequence
        guard header.payloadLength > 0 || header.flags.contains(.fin) else { return }
        // Of a session that is not replayed only the turns are counted.
        let keepsBytes = isReplaying || (shedReason != nil && resources.mayRejoin)
        let kept = bytes.extracting(first: keepsBytes ? bytes.byteCount : 0)
        let distance = stream.next.distance(to: start)
        if distance > 0 {
            guard distance < 1 << 30 else { return }
            guard isReplaying || resources.hasRoom(forBytes: 1) else {
                resources.ignored.beyondMemory += 1
                return
            }
            stream.hold(
                ClientStream.Held(
                    sequence: start, bytes: Array(copying: kept), missing: header.payloadLength - kept.byteCount,
                    acknowledgement: header.acknowledgement, flags: header.flags, capturedAt: capturedAt),
                now: resources.onCaptureClock(now), in: &resources.payload)
            return
        }
        if beganLate(with: header, at: start) { breakExchange(reason: .captureHole, &resources) }
        let next = stream.next
        take(
            kept, from: start, missing: header.payloadLength - kept.byteCount,
            acknowledging: header.acknowledgement, flags: header.flags, capturedAt: capturedAt, &resources)
        takeHeld(&resources)
        if stream.next != next { stream.onProgress(now: resources.onCaptureClock(now)) }
    }

    /// Whether bytes of the session's first exchange come before what was taken for its beginning, of a connection whose SYN
    /// was not seen: they were overtaken on their way here.
    @inline(__always) private func beganLate(with header: SegmentHeader, at start: SequenceNumber) -> Bool {
        !hasCapturedSyn && start.precedes(capturedSequence) && start.distance(to: capturedSequence) < 1 << 20
            && !stream.isBoundary(acknowledging: header.acknowledgement)
            && stream.acknowledged.map { !header.acknowledgement.precedes($0) } ?? false
    }

    /// The time from the SYN to the acknowledgement that completes the handshake is the client's round trip.
    private mutating func measureClient(capturedAt: Instant, _ settings: ReplaySettings) {
        guard hasCapturedSyn, settings.acknowledgementDelay == nil else { return }
        let roundTrip = (capturedAt - capturedSynAt).clamped(.zero ... .seconds(1))
        clientRoundTrip = roundTrip < Self.localRoundTrip ? .zero : roundTrip
    }

    private mutating func takeHeld(_ resources: inout ReplayResources) {
        while let held = stream.takeReady(from: &resources.payload) {
            take(
                held.bytes.rawSpan, from: held.sequence, missing: held.missing, acknowledging: held.acknowledgement,
                flags: held.flags, capturedAt: held.capturedAt, &resources)
        }
    }

    /// Takes a segment that starts at or before the next byte in order.
    private mutating func take(
        _ bytes: RawSpan, from start: SequenceNumber, missing: Int, acknowledging number: SequenceNumber,
        flags: TCPFlags, capturedAt: Instant, _ resources: inout ReplayResources
    ) {
        guard !hasClientEnded else { return }
        let old = start.distance(to: stream.next)
        let length = bytes.byteCount + missing
        if old < length {
            beginTurnIfNeeded(acknowledging: number, capturedAt: capturedAt, &resources)
            if old < bytes.byteCount { append(bytes.extracting(old...), &resources) }
            stream.onTaken(
                length - old, endsWrite: flags.contains(.psh), isShort: length % connection.offer.fullSegment != 0)
            if missing > 0 { breakExchange(reason: .captureTruncated, &resources) }
        }
        if flags.contains(.fin), old <= length {
            endByFin(acknowledging: number, capturedAt: capturedAt, &resources)
        }
    }

    private mutating func beginTurnIfNeeded(
        acknowledging number: SequenceNumber, capturedAt: Instant, _ resources: inout ReplayResources
    ) {
        let begins = stream.isBoundary(acknowledging: number) || goesOnTelling(at: capturedAt, resources)
        guard begins else { return }
        let answered = stream.beginTurn(acknowledging: number)
        isDiscarding = !beginExchange(
            Turn(kind: .exchange, waits: true, answered: answered, end: payloadEnd, capturedAt: capturedAt), &resources)
    }

    /// Enters an exchange in the ledger. False when it is not to be replayed.
    private mutating func beginExchange(_ turn: Turn, _ resources: inout ReplayResources) -> Bool {
        enterCaptured(&resources)
        guard phase != .notSelected else { return false }
        resources.ledgers[transfer].exchanges.replayed += 1
        if canRejoin, resources.mayRejoin { rejoin(&resources) }
        guard isReplaying else {
            if let shedReason {
                resources.ledgers[transfer].exchanges[shed: shedReason] += 1
            } else {
                resources.ledgers[transfer].exchanges[failed: lastFailure ?? .closedByTarget] += 1
            }
            return false
        }
        resources.ledgers[transfer].exchanges.inFlight += 1
        resources.turns.append(turn, to: &turns)
        return true
    }

    @inline(__always) private func enterCaptured(_ resources: inout ReplayResources) {
        guard entersCapture else { return }
        resources.ledgers[transfer].exchanges.captured += 1
        if phase == .notSelected {
            resources.ledgers[transfer].exchanges.notSelected += 1
        } else {
            resources.ledgers[transfer].exchanges.selected += 1
        }
    }

    private mutating func append(_ bytes: RawSpan, _ resources: inout ReplayResources) {
        guard !isDiscarding else { return }
        guard phase != .settling else { return cutSettling(&resources) }
        guard isReplaying else { return }
        payload.append(bytes, in: &resources.payload)
        payloadEnd = payloadEnd.advanced(by: bytes.byteCount)
        if turns.isEmpty {
            // The exchange has been released already: its further bytes need no gate.
            connection.release(to: targetSequence(payloadEnd))
        } else {
            let end = payloadEnd
            resources.turns.updateLast(of: turns) { $0.end = end }
        }
    }

    /// Capture lost bytes for good, of the exchange that was captured last: what waits of it goes, and it fails when
    /// its turn comes.
    mutating func breakExchange(reason: FailureReason, _ resources: inout ReplayResources) {
        guard phase != .settling else { return cutSettling(&resources) }
        guard !isDiscarding, isReplaying else { return }
        isDiscarding = true
        if turns.isEmpty {
            if outstanding > 0 {
                failOutstanding(reason: reason, &resources)
            } else {
                unsettle(reason: reason, &resources)
            }
            connection.abort()
            leaveConnection(&resources)
        } else {
            resources.turns.updateLast(of: turns) {
                $0.kind = .brokenExchange
                $0.reason = reason
            }
        }
    }

    /// The hole at the stream's front is final, if its time has come.
    mutating func judgeHole(now: Instant, _ resources: inout ReplayResources) {
        if holeDeadline(resources) <= resources.onCaptureClock(now) { giveUpHole(now: now, &resources) }
    }

    /// The hole at the stream's front is final.
    mutating func giveUpHole(now: Instant, _ resources: inout ReplayResources) {
        if !giveUpKnownHole(now: now, &resources) {
            let instant = resources.onCaptureClock(now)
            guard stream.skipHole(segmentSize: connection.offer.fullSegment, now: instant) != nil else { return }
            loseHole(reason: .captureHole, at: now, &resources)
        }
        if resources.settings.onHole == .end { die(reason: .captureHole, &resources) }
        takeHeld(&resources)
    }

    /// The exchange that a hole lies in fails: the one that is cut or, where the client had said all it had to say, one
    /// that nothing was seen of.
    private mutating func loseHole(reason: FailureReason, at instant: Instant, _ resources: inout ReplayResources) {
        let isTold = hasToldWrites(at: instant, resources)
        guard stream.hasWholeWrite || isTold else { return breakExchange(reason: reason, &resources) }
        loseExchange(reason: reason, isTold: isTold, at: instant, &resources)
    }

    /// An exchange of which nothing was seen fails.
    ///
    /// - Parameter isTold: what was told before it is done with once the target has it.
    mutating func loseExchange(
        reason: FailureReason, isTold: Bool = false, at instant: Instant, _ resources: inout ReplayResources
    ) {
        isDiscarding = true
        _ = beginExchange(
            Turn(
                kind: .brokenExchange, reason: reason, waits: !isTold, answered: .max, end: payloadEnd,
                capturedAt: instant), &resources)
    }

    private mutating func endByFin(
        acknowledging number: SequenceNumber, capturedAt: Instant, _ resources: inout ReplayResources
    ) {
        stream.onTaken(1, endsWrite: true)
        stream.dropHeld(from: &resources.payload)
        hasClientEnded = true
        appendEnd(.fin, acknowledging: number, capturedAt: capturedAt, &resources)
    }

    /// The client has begun a new connection with the same address and port, so this one has ended, seen or not.
    mutating func supersede(capturedAt: Instant, now: Instant, _ resources: inout ReplayResources) {
        giveUpHoles(now: now, &resources)
        guard !hasClientEnded else { return }
        closeStream(reason: .captureHole, at: capturedAt, &resources)
        appendEnd(.fin, acknowledging: mayHaveHeard(resources), capturedAt: capturedAt, &resources)
    }

    /// Nothing more is captured: a hole that is left stays one.
    mutating func closeStream(reason: FailureReason, at instant: Instant, _ resources: inout ReplayResources) {
        if stream.hasHole { loseHole(reason: reason, at: instant, &resources) }
        stream.dropHeld(from: &resources.payload)
        hasClientEnded = true
    }

    /// Enters what is seen first of a connection that was open before, the rest of an exchange whose beginning is missing.
    mutating func enterMidway(_ resources: inout ReplayResources) {
        enterCaptured(&resources)
        guard phase != .notSelected else { return }
        resources.ledgers[transfer].exchanges.replayed += 1
        resources.ledgers[transfer].exchanges[failed: .joinedMidway] += 1
    }

    /// A RST ends the client's side whatever is missing before it.
    private mutating func endByReset(capturedAt: Instant, _ resources: inout ReplayResources) {
        closeStream(reason: .resetByClient, at: capturedAt, &resources)
        appendEnd(.reset, acknowledging: mayHaveHeard(resources), capturedAt: capturedAt, &resources)
    }

    /// - Parameter awaitsAnswer: the answer to the last exchange may have come after the end of the capture.
    mutating func appendEnd(
        _ kind: Turn.Kind, acknowledging number: SequenceNumber?, awaitsAnswer: Bool = false, capturedAt: Instant,
        _ resources: inout ReplayResources
    ) {
        guard isReplaying || phase == .settling else { return }
        if let last = resources.turns.last(of: turns), last.kind == .reset { return }
        let waits = awaitsAnswer || number.map { stream.isBoundary(acknowledging: $0) } ?? false
        let heard = number.map { stream.beginTurn(acknowledging: $0) } ?? 0
        let answered = awaitsAnswer ? .max : heard
        guard phase != .settling else {
            if !isDiscarding { expectsNoAnswer = answered <= 1 }
            return
        }
        resources.turns.append(
            Turn(kind: kind, waits: waits, answered: answered, end: payloadEnd, capturedAt: capturedAt), to: &turns)
    }
}
