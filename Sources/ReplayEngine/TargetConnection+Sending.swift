import Wire

// What goes to the target, and what time does.
extension TargetConnection {
    mutating func handleTimeout(now: Instant) {
        guard retransmitAt <= now else { return }
        roundTrip.onTimeout()
        timedEnd = nil
        retransmitAt = now + roundTrip.timeout
        guard state != .synSent else {
            promptIsDue = true
            challenges = 0
            return
        }
        // RFC 9293, section 3.8.6.1: a closed window is probed, for ever.
        promptIsDue = sendWindow == 0
        guard inFlight > 0 else {
            if questions == 0, sendWindow > 0 { retransmitAt = .never }
            return askOnce()
        }
        restart()
    }

    /// RFC 6298 (5.4) and RFC 5681: back to the first byte that is not acknowledged, one segment at a time.
    private mutating func restart() {
        congestion.onTimeout(inFlight: inFlight)
        recovery.onTimeout(highest: highest)
        sendNext = unacknowledged
    }

    /// What the target has said of late was missed: it is sent again what it has not acknowledged or, if that is nothing,
    /// asked where it stands, as by a keep-alive.
    mutating func ask(now: Instant) {
        guard state != .closed, state != .aborted, state != .timeWait else { return }
        // How long nobody answered says nothing about the path.
        roundTrip.onProgress()
        timedEnd = nil
        retransmitAt = now + roundTrip.timeout
        guard state != .synSent else {
            promptIsDue = true
            challenges = 0
            return
        }
        questions = Self.questionLimit
        promptIsDue = sendWindow == 0
        if inFlight > 0 { restart() } else { askOnce() }
    }

    private mutating func askOnce() {
        guard questions > 0 else { return }
        questions -= 1
        promptIsDue = true
    }

    /// The target has spoken, so it needs no more asking.
    mutating func onQuestionAnswered() {
        guard questions > 0, sendWindow > 0 else { return }
        questions = 0
        promptIsDue = false
        if inFlight == 0 { retransmitAt = .never }
    }

    /// The segment that is to be sent now, which then counts as sent; nil when there is none.
    mutating func nextTransmission(now: Instant) -> Transmission? {
        if let sequence = pendingReset {
            pendingReset = nil
            challenges += 1
            return Transmission(sequence: sequence, flags: .rst, isBare: true)
        }
        switch state {
        case .closed, .aborted: return nil
        case .synSent: return nextSyn(now: now)
        default: break
        }
        return nextRetransmission(now: now) ?? nextData(now: now) ?? nextFin(now: now) ?? nextProbe(now: now)
            ?? nextAcknowledgement(now: now)
    }

    private mutating func nextSyn(now: Instant) -> Transmission? {
        guard promptIsDue, !hasGivenUpHandshake else { return nil }
        promptIsDue = false
        let isRetransmission = highest != initialSequence
        sendNext = initialSequence.advanced(by: 1)
        highest = sendNext
        // Karn's rule: what was sent twice is no sample.
        if isRetransmission { timedEnd = nil } else { time(end: sendNext, now) }
        retransmitAt = now + roundTrip.timeout
        return Transmission(sequence: initialSequence, flags: .syn, isRetransmission: isRetransmission)
    }

    private mutating func time(end: SequenceNumber, _ now: Instant) {
        timedEnd = end
        timedAt = now
    }

    /// In fast recovery: the next hole that the target reported.
    private mutating func nextRetransmission(now: Instant) -> Transmission? {
        guard let hole = recovery.takeHole(from: unacknowledged, to: limit, segment: Int(segmentSize)) else {
            return nil
        }
        let length = hole.start.distance(to: hole.end)
        return sent(
            sequence: hole.start, length: length, flags: length == 0 ? [.ack, .fin] : [.ack, .psh], now: now,
            isRetransmission: true)
    }

    private mutating func nextData(now: Instant) -> Transmission? {
        if sendNext != highest { sendNext = recovery.firstMissing(from: sendNext) }
        let waiting = sendNext.distance(to: limit)
        guard waiting > 0 else { return nil }
        let usable = Int(min(sendWindow, congestion.window)) - inFlight
        let length = min(waiting, usable, Int(segmentSize))
        guard length > 0 else {
            if retransmitAt == .never { retransmitAt = now + roundTrip.timeout }
            return nil
        }
        // Sender's silly window avoidance (RFC 9293, section 3.8.6.2.1): a full segment, the rest, or nothing in flight.
        guard length == segmentSize || length == waiting || inFlight == 0 else { return nil }
        let isRetransmission = sendNext.precedes(highest)
        return sent(
            sequence: sendNext, length: length, flags: length == waiting ? [.ack, .psh] : .ack, now: now,
            isRetransmission: isRetransmission)
    }

    private mutating func nextFin(now: Instant) -> Transmission? {
        guard finReleased, sendNext == limit else { return nil }
        switch state {
        case .established: state = .finWait1
        case .closeWait: state = .lastAck
        default: break
        }
        return sent(
            sequence: limit, length: 0, flags: [.fin, .ack], now: now, isRetransmission: limit.precedes(highest))
    }

    /// Beyond a closed window one byte. It does not count as on its way: what goes once the window opens starts with it,
    /// unless the target took it.
    private mutating func nextProbe(now: Instant) -> Transmission? {
        guard promptIsDue else { return nil }
        promptIsDue = false
        guard inFlight == 0 else { return nil }
        guard sendWindow == 0, sendNext.precedes(limit) else { return question() }
        let isRetransmission = sendNext.precedes(highest)
        highest = SequenceNumber.later(highest, sendNext.advanced(by: 1))
        onAcknowledgementSent()
        return Transmission(
            sequence: sendNext, length: 1, flags: [.ack, .psh], isRetransmission: isRetransmission)
    }

    /// An old number, which a TCP answers by an acknowledgement (RFC 9293, section 3.8.4).
    private mutating func question() -> Transmission {
        onAcknowledgementSent()
        return Transmission(sequence: unacknowledged.advanced(by: -1), flags: .ack)
    }

    private mutating func nextAcknowledgement(now: Instant) -> Transmission? {
        guard acknowledgeAt <= now else { return nil }
        onAcknowledgementSent()
        // Beyond a window that has shrunk the target would drop it.
        let windowEnd = unacknowledged.advanced(by: Int(sendWindow))
        return Transmission(sequence: windowEnd.precedes(highest) ? windowEnd : highest, flags: .ack)
    }

    private mutating func sent(
        sequence: SequenceNumber, length: Int, flags: TCPFlags, now: Instant, isRetransmission: Bool
    ) -> Transmission {
        let end = sequence.advanced(by: length + (flags.contains(.fin) ? 1 : 0))
        if sendNext.precedes(end), sequence == sendNext { sendNext = end }
        if highest.precedes(end) { highest = end }
        if retransmitAt == .never { retransmitAt = now + roundTrip.timeout }
        if !isRetransmission, timedEnd == nil { time(end: end, now) }
        onAcknowledgementSent()
        return Transmission(sequence: sequence, length: length, flags: flags, isRetransmission: isRetransmission)
    }

    private mutating func onAcknowledgementSent() {
        acknowledgeAt = .never
        bytesSinceAcknowledgement = 0
    }
}
