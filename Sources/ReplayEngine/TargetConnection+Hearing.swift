import Wire

// What the target said.
extension TargetConnection {
    /// Takes a header that the target sent.
    ///
    /// - Parameter delay: how much later than usual acknowledgements go out, to imitate a far client.
    mutating func handle(_ header: SegmentHeader, delay: Interval, now: Instant) -> Heard {
        switch state {
        case .closed: return []
        case .synSent: return handleInHandshake(header, now: now)
        case .aborted:
            if header.flags.contains(.rst) { pendingReset = nil } else { resetOld(header) }
            return []
        default: return handleSynchronized(header, delay: delay, now: now)
        }
    }

    /// "If the connection is in any non-synchronized state and the incoming segment acknowledges something not yet sent,
    /// a reset is sent: <SEQ=SEG.ACK><CTL=RST>" (RFC 9293, section 3.5.2). Linux answers a SYN that hits an old
    /// connection or a TIME_WAIT by such an acknowledgement (RFC 5961, section 4); after the RST the SYN goes again.
    private mutating func resetOld(_ header: SegmentHeader) {
        guard header.flags.contains(.ack), challenges < Self.challengeLimit else { return }
        pendingReset = header.acknowledgement
    }

    private mutating func handleInHandshake(_ header: SegmentHeader, now: Instant) -> Heard {
        let first = initialSequence.advanced(by: 1)
        guard header.flags.contains(.ack), header.acknowledgement == first else {
            if header.flags.contains(.rst) { return [] }
            resetOld(header)
            // A challenge carries no data: what does was on its way already.
            if pendingReset != nil, header.payloadLength == 0 { promptIsDue = true }
            return []
        }
        heardAt = now
        if header.flags.contains(.rst) {
            state = .closed
            stopTimers()
            return .refused
        }
        guard header.flags.contains(.syn) else { return [] }
        state = .established
        unacknowledged = first
        sendNext = SequenceNumber.later(sendNext, first)
        if timedEnd != nil { roundTrip.onSample(now - timedAt) }
        roundTrip.onProgress()
        timedEnd = nil
        receiveStart = header.sequence.advanced(by: 1)
        receiveNext = header.sequenceEnd
        adopt(header.options)
        sendWindow = UInt32(header.window)
        windowSequence = header.sequence
        windowAcknowledgement = header.acknowledgement
        retransmitAt = .never
        promptIsDue = false
        acknowledgeAt = now
        return .established
    }

    /// Options count only where both sides offered them.
    private mutating func adopt(_ options: TCPOptions) {
        usesTimestamps = offer.timestamps && options.timestamps != nil
        recentTimestamp = options.timestamps?.value ?? 0
        sendScale = offer.windowScale == nil ? 0 : min(options.windowScale ?? 0, 14)
        // RFC 6691: the MSS option does not count TCP options; the timestamps take 12 bytes.
        let offered = min(options.maximumSegmentSize ?? segmentSize, path.largestSegment)
        segmentSize = max(offered, 88) - (usesTimestamps ? 12 : 0)
        congestion = CongestionWindow(segment: Int(segmentSize))
    }

    private mutating func handleSynchronized(
        _ header: SegmentHeader, delay: Interval, now: Instant
    ) -> Heard {
        let distance = receiveNext.distance(to: header.sequence)
        if header.flags.contains(.rst) {
            // One beyond the window is the answer to an old connection's segment (RFC 9293, section 3.5.3).
            guard distance > -(1 << 16), distance <= offeredWindow else { return [] }
            heardAt = now
            state = .closed
            stopTimers()
            return .reset
        }
        guard isAcceptable(header, distance: distance) else {
            acknowledge(by: now + delay)
            return []
        }
        heardAt = now
        var heard: Heard = []
        if header.flags.contains(.ack) { handleAcknowledgement(header, now: now, &heard) }
        onQuestionAnswered()
        handleText(header, distance: distance, delay: delay, now: now, &heard)
        return heard
    }

    /// RFC 7323's PAWS, and numbers that belong to this connection at all: a header of an earlier one on the same pair of
    /// addresses, taken for this one's, would have us acknowledge what the target never sent (RFC 5961, section 5.2).
    @inline(__always) private func isAcceptable(_ header: SegmentHeader, distance: Int) -> Bool {
        if usesTimestamps, let timestamps = header.options.timestamps,
            Int32(bitPattern: timestamps.value &- recentTimestamp) < 0
        {
            return false
        }
        if header.flags.contains(.ack) {
            if highest.precedes(header.acknowledgement) { return false }
            let taken = initialSequence.distance(to: unacknowledged)
            if taken > 0, header.acknowledgement.distance(to: unacknowledged) >= taken { return false }
        }
        return distance <= offeredWindow && distance > -(1 << 30)
    }

    /// What the target may send beyond what it was acknowledged.
    @inline(__always) private var offeredWindow: Int { Int(Self.window) << Int(min(offer.windowScale ?? 0, 14)) }

    private mutating func handleText(
        _ header: SegmentHeader, distance: Int, delay: Interval, now: Instant, _ heard: inout Heard
    ) {
        if usesTimestamps, let timestamps = header.options.timestamps { recentTimestamp = timestamps.value }
        // A bare acknowledgement beyond what was heard tells that something was missed, but not whether its end was a FIN:
        // the last number is left for the target to send again.
        let isBareBeyond = header.sequenceLength == 0 && distance > 0
        let end = isBareBeyond ? header.sequence.advanced(by: -1) : header.sequenceEnd
        guard receiveNext.precedes(end), !header.flags.contains(.syn) else {
            // Old bytes, a keep-alive probe or a repeated SYN-ACK: our acknowledgement was lost, or is asked for.
            if header.sequenceLength > 0 || distance < 0 { acknowledge(by: now + delay) }
            return
        }
        if distance > 0 { heard.insert(.leftGap) }
        heard.insert(.answered)
        bytesSinceAcknowledgement &+= UInt32(receiveNext.distance(to: end))
        receiveNext = end
        if header.flags.contains(.fin) {
            finish(now: now)
            heard.insert(.finished)
        }
        // RFC 1122, section 4.2.3.2: at least every second full segment, and not later than half a second.
        let isDue =
            bytesSinceAcknowledgement >= 2 * UInt32(offer.maximumSegmentSize ?? 536) || distance > 0
            || header.flags.contains(.fin)
        acknowledge(by: now + (isDue ? delay : max(Self.acknowledgementDelay, delay)))
    }

    private mutating func acknowledge(by instant: Instant) { acknowledgeAt = min(acknowledgeAt, instant) }

    /// The target's FIN.
    private mutating func finish(now: Instant) {
        guard !hasTargetFinished else { return }
        hasTargetFinished = true
        switch state {
        case .established: state = .closeWait
        case .finWait1: state = .closing
        case .finWait2: state = .timeWait
        default: break
        }
    }

    private mutating func handleAcknowledgement(
        _ header: SegmentHeader, now: Instant, _ heard: inout Heard
    ) {
        let acknowledgement = header.acknowledgement
        let advance = unacknowledged.distance(to: acknowledgement)
        guard advance >= 0 else { return }
        let oldWindow = sendWindow
        updateWindow(header)
        recovery.onBlocks(header.options.sackBlocks, unacknowledged: acknowledgement, highest: highest)
        if advance > 0 {
            heard.insert(.acknowledged)
            takeAcknowledgement(acknowledgement, advance: advance, now: now)
        } else if header.sequenceLength == 0, inFlight > 0, sendWindow == oldWindow, sendWindow > 0 {
            onDuplicate()
        }
        if oldWindow == 0, sendWindow > 0 { onWindowOpened() }
    }

    /// SND.WL1 and SND.WL2 keep an old segment from shrinking the window (RFC 9293, section 3.10.7.4).
    private mutating func updateWindow(_ header: SegmentHeader) {
        let isNewer =
            windowSequence.precedes(header.sequence)
            || (windowSequence == header.sequence
                && windowAcknowledgement.precedesOrEquals(header.acknowledgement))
        guard isNewer else { return }
        sendWindow = UInt32(header.window) << UInt32(sendScale)
        windowSequence = header.sequence
        windowAcknowledgement = header.acknowledgement
    }

    /// The probes' back-off was the target's doing, not the path's.
    private mutating func onWindowOpened() {
        roundTrip.onProgress()
        if inFlight == 0 { retransmitAt = .never }
    }

    private mutating func takeAcknowledgement(_ acknowledgement: SequenceNumber, advance: Int, now: Instant) {
        unacknowledged = acknowledgement
        if sendNext.precedes(acknowledgement) { sendNext = acknowledgement }
        roundTrip.onProgress()
        if let end = timedEnd, end.precedesOrEquals(acknowledgement) {
            roundTrip.onSample(now - timedAt)
            timedEnd = nil
        }
        switch recovery.onProgress(acknowledgement) {
        case .ordinary: congestion.onAcknowledged(advance)
        case .partial: congestion.onPartial(advance)
        case .recovered: congestion.onRecovered()
        }
        retransmitAt = sendNext == unacknowledged ? .never : now + roundTrip.timeout
        if finWasSent, limit.precedes(acknowledgement) { onFinAcknowledged() }
    }

    private mutating func onFinAcknowledged() {
        switch state {
        case .finWait1: state = .finWait2
        case .closing, .lastAck: state = .timeWait
        default: break
        }
    }

    private mutating func onDuplicate() {
        if recovery.isRecovering { congestion.onDuplicate() }
        guard recovery.onDuplicate(unacknowledged: unacknowledged, highest: highest) else { return }
        congestion.onLoss(inFlight: inFlight)
        timedEnd = nil
    }
}
