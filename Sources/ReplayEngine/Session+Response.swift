import Wire

// What the online server did, where the capture shows it.
extension Session {
    /// Takes a segment that the online server sent to the client.
    mutating func hearOnline(_ header: SegmentHeader, _ resources: inout ReplayResources) {
        let isHandshake = header.flags.contains(.syn)
        guard !isHandshake || !hasCapturedSyn || header.acknowledgement == capturedSequence.advanced(by: 1) else {
            return
        }
        if onlineAnswers < 0 { onlineAnswers = resources.onlineAnswers.add() }
        resources.onlineAnswers.onSegment(header, clientNext: stream.next, of: onlineAnswers)
        if hasClientEnded, answeredOnline(resources) > 0 { expectsNoAnswer = false }
    }

    /// Payload bytes that the online server sent since the client's last turn; nil where its half was not captured.
    @inline(__always) private func sentOnline(_ resources: borrowing ReplayResources) -> Int? {
        guard let answers = resources.onlineAnswers[onlineAnswers], let sent = answers.sent else { return nil }
        return (stream.heardAtTurn ?? answers.start).map { max(0, $0.distance(to: sent)) }
    }

    /// The same, or 0.
    @inline(__always) func answeredOnline(_ resources: borrowing ReplayResources) -> Int { sentOnline(resources) ?? 0 }

    /// How far the client may have heard, when it is gone without saying so.
    func mayHaveHeard(_ resources: borrowing ReplayResources) -> SequenceNumber? {
        guard let sent = resources.onlineAnswers[onlineAnswers]?.sent else { return stream.acknowledged }
        return stream.acknowledged.map { SequenceNumber.later($0, sent) } ?? sent
    }

    /// The capture ends here. An exchange that has neither come to the end of a write nor been answered is a part of one.
    mutating func endCapture(capturedAt: Instant, now: Instant, _ resources: inout ReplayResources) {
        giveUpHoles(now: now, &resources)
        guard !hasClientEnded else { return }
        loseTail(at: capturedAt, &resources)
        let isAnswered = answeredOnline(resources) > 0 || stream.hasHeardSinceTurn
        if !stream.hasWholeWrite, !isAnswered { breakExchange(reason: .cutAtEnd, &resources) }
        let isUnheard = sentOnline(resources) == 0 && !stream.hasHeardSinceTurn
        closeStream(reason: .captureHole, at: capturedAt, &resources)
        // A server that answers may have done so later.
        let mayAnswer = stream.hasBegunTurn && isUnheard && resources.onlineAnswers[onlineAnswers]?.hasAnswered ?? false
        appendEnd(
            .fin, acknowledging: mayHaveHeard(resources), awaitsAnswer: mayAnswer, capturedAt: capturedAt, &resources)
    }

    /// Nothing more will fill a hole.
    mutating func giveUpHoles(now: Instant, _ resources: inout ReplayResources) {
        while stream.hasHole { giveUpHole(now: now, &resources) }
    }

    /// What the online server had of the client's last bytes, and the capture has not.
    private mutating func loseTail(at instant: Instant, _ resources: inout ReplayResources) {
        guard let answers = resources.onlineAnswers[onlineAnswers], let acknowledged = answers.acknowledged else {
            return
        }
        let start = stream.next
        // A FIN that was not captured counts as one.
        guard start.distance(to: acknowledged) > 1 else { return }
        let ends = answers.answeredAt.count { start.precedes($0) }
        let isNew = answers.answeredAt.contains(start) || !stream.hasBegunTurn || stream.hasHeardSinceTurn
        if !isNew { breakExchange(reason: .captureHole, &resources) }
        for _ in 0..<max(1, ends) - (isNew ? 0 : 1) { loseExchange(reason: .captureHole, at: instant, &resources) }
        stream.skip(to: acknowledged)
    }

    /// Gives up a hole of which the online server's answers show what was in it. False where they do not.
    mutating func giveUpKnownHole(now: Instant, _ resources: inout ReplayResources) -> Bool {
        guard let end = stream.holeEnd, let answers = resources.onlineAnswers[onlineAnswers],
            let loss = answers.loss(from: stream.next, to: end)
        else { return false }
        let isFirst = !stream.hasBegunTurn
        stream.skipHole(endsExchange: loss.endsExchange, now: resources.onCaptureClock(now))
        if loss.beginsExchange || isFirst {
            loseExchange(reason: .captureHole, at: now, &resources)
        } else {
            breakExchange(reason: .captureHole, &resources)
        }
        for _ in 0..<loss.further { loseExchange(reason: .captureHole, at: now, &resources) }
        return true
    }
}
