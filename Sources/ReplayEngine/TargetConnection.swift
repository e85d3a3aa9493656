import Wire

/// The client's end of one TCP connection to the target: a TCP that sends what it is given and receives like a black
/// hole. Decides which segment goes next; knows lengths, not bytes.
///
/// It acknowledges the highest sequence number relayed, holes or not, and always offers a large window, since nothing
/// it receives is kept. Sources: RFC 9293, 6298, 5681, 6582, 2018, 7323.
struct TargetConnection {
    /// RFC 9293, section 3.3.2, without LISTEN and SYN-RECEIVED. `aborted` answers what still comes by RST.
    enum State: UInt8 {
        case closed, synSent, established, finWait1, finWait2, closeWait, closing, lastAck, timeWait, aborted
    }

    /// What the client's SYN offered, which each SYN to the target offers again.
    struct Offer: Equatable {
        var maximumSegmentSize: UInt16?
        var windowScale: UInt8?
        var sackPermitted: Bool
        var timestamps: Bool

        /// What a full segment of the client's carries: the MSS less the timestamps (RFC 6691).
        var fullSegment: Int { max(Int(maximumSegmentSize ?? 536) - (timestamps ? 12 : 0), 1) }
    }

    /// What one segment may carry on the way to the target.
    struct Path: Equatable {
        /// Bytes after the IP and TCP headers of a packet as large as the interface takes.
        var largestSegment: UInt16
        /// What a host that offers no MSS is sent (RFC 9293, section 3.7.1; 1220 for IPv6).
        var defaultSegment: UInt16

        init(packetSize: Int, isIPv4: Bool) {
            largestSegment = UInt16(clamping: max(packetSize - (isIPv4 ? 40 : 60), 88))
            defaultSegment = isIPv4 ? 536 : 1220
        }
    }

    /// What a header changed.
    struct Heard: OptionSet {
        let rawValue: UInt8
        static let established = Heard(rawValue: 1)
        /// The target acknowledged bytes it had not before.
        static let acknowledged = Heard(rawValue: 2)
        /// The target sent bytes it had not before.
        static let answered = Heard(rawValue: 4)
        /// The answer's header before this one was missed.
        static let leftGap = Heard(rawValue: 8)
        static let finished = Heard(rawValue: 16)
        /// RST instead of a SYN-ACK.
        static let refused = Heard(rawValue: 32)
        static let reset = Heard(rawValue: 64)
    }

    /// A segment to send now.
    struct Transmission {
        var sequence: SequenceNumber
        var length = 0
        var flags: TCPFlags
        var isRetransmission = false
        /// A RST of the old connection that occupies this pair of addresses, outside this one's numbers.
        var isBare = false
    }

    private(set) var state = State.closed
    let offer: Offer
    let initialSequence: SequenceNumber
    /// SND.UNA, SND.NXT and the highest that SND.NXT has been.
    private(set) var unacknowledged: SequenceNumber
    private(set) var sendNext: SequenceNumber
    private(set) var highest: SequenceNumber
    /// Bytes may be sent up to here; the FIN lies here once it is released.
    private(set) var limit: SequenceNumber
    private(set) var finReleased = false
    private(set) var receiveNext = SequenceNumber(0)
    /// IRS + 1.
    private(set) var receiveStart = SequenceNumber(0)

    private var sendWindow = 0
    private var windowSequence = SequenceNumber(0)
    private var windowAcknowledgement = SequenceNumber(0)
    private var sendScale: UInt8 = 0
    private var segmentSize: UInt16 = 536
    private(set) var usesTimestamps = false
    private(set) var recentTimestamp: UInt32 = 0
    private var targetFinished = false

    private var congestion = CongestionWindow(segment: 1460)
    private var roundTrip = RoundTripEstimator()
    private var timedEnd: SequenceNumber?
    private var timedAt = Instant.zero
    private var duplicates: UInt8 = 0
    /// Where fast recovery ends (RFC 6582's "recover"), while it lasts.
    private var recover: SequenceNumber?
    private var sacked = SACKBlocks()
    /// The next byte that recovery looks at, to send it again.
    private var recoveryNext = SequenceNumber(0)
    private var mayRetransmit = 0

    private(set) var retransmitAt = Instant.never
    private(set) var acknowledgeAt = Instant.never
    private var bytesSinceAcknowledgement = 0
    private var pendingReset: SequenceNumber?
    private var challenges: UInt8 = 0
    private var synIsDue = false
    private var probeIsDue = false
    private(set) var heardAt: Instant

    let path: Path

    /// Linux's TCP_DELACK_MIN: how long an acknowledgement waits for data to go with it.
    static let acknowledgementDelay = Interval.milliseconds(40)
    /// SYN retransmissions before the target counts as not there (Linux's tcp_syn_retries).
    static let synRetries = 6
    /// The largest window that 16 bits can say before scaling.
    static let window: UInt16 = 65535
    private static let challengeLimit: UInt8 = 8

    /// - Parameters:
    ///   - initialSequence: the ISN of the SYN.
    ///   - old: the connection that this one takes the place of; its RST, if it still owes one, goes first.
    init(
        initialSequence: SequenceNumber, offer: Offer, path: Path, replacing old: TargetConnection? = nil, now: Instant
    ) {
        self.initialSequence = initialSequence
        self.offer = offer
        self.path = path
        unacknowledged = initialSequence
        sendNext = initialSequence
        highest = initialSequence
        limit = initialSequence.advanced(by: 1)
        segmentSize = min(path.defaultSegment, path.largestSegment)
        heardAt = now
        pendingReset = old?.pendingReset
    }

    mutating func open() {
        precondition(state == .closed, "a connection is opened once")
        state = .synSent
        synIsDue = true
    }

    /// Lets bytes be sent up to `end`.
    mutating func release(to end: SequenceNumber) { limit = end }

    /// Lets the FIN follow the bytes released.
    mutating func releaseFin() { finReleased = true }

    /// Ends the connection by a RST; what still comes from the target is answered by RST.
    mutating func abort() {
        if state != .closed, state != .aborted { pendingReset = highest }
        state = .aborted
        stopTimers()
    }

    private mutating func stopTimers() {
        retransmitAt = .never
        acknowledgeAt = .never
        mayRetransmit = 0
        synIsDue = false
        probeIsDue = false
    }

    /// Whether data may pass from the client to the target.
    var isSynchronized: Bool { state != .closed && state != .synSent && state != .aborted }
    /// Whether the target has closed its side.
    var hasTargetFinished: Bool { targetFinished }
    /// Whether both sides are closed and acknowledged, or the connection was aborted.
    var isOver: Bool { state == .timeWait || state == .aborted || state == .closed }
    /// Whether the handshake has been given up.
    var hasGivenUpHandshake: Bool { state == .synSent && roundTrip.expiries > Self.synRetries }
    var hasEverythingAcknowledged: Bool { limit.precedesOrEquals(unacknowledged) }
    var nextDeadline: Instant { min(retransmitAt, acknowledgeAt) }
    /// How long a round trip to the target and back over the relay takes; 0 until measured.
    var smoothedRoundTrip: Interval { .microseconds(Int64(roundTrip.smoothed)) }

    private var finWasSent: Bool { finReleased && limit.precedes(highest) }
    private var inFlight: Int { unacknowledged.distance(to: sendNext) }
}

// MARK: - Hearing

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
        challenges += 1
        pendingReset = header.acknowledgement
    }

    private mutating func handleInHandshake(_ header: SegmentHeader, now: Instant) -> Heard {
        let first = initialSequence.advanced(by: 1)
        guard header.flags.contains(.ack), header.acknowledgement == first else {
            if header.flags.contains(.rst) { return [] }
            resetOld(header)
            if pendingReset != nil { synIsDue = true }
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
        if roundTrip.expiries == 0, timedEnd != nil { roundTrip.onSample(now - timedAt) }
        roundTrip.onProgress()
        timedEnd = nil
        receiveStart = header.sequence.advanced(by: 1)
        receiveNext = header.sequenceEnd
        adopt(header.options)
        sendWindow = Int(header.window)
        windowSequence = header.sequence
        windowAcknowledgement = header.acknowledgement
        retransmitAt = .never
        synIsDue = false
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
            guard distance > -(1 << 16), distance < 1 << 30 else { return [] }
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
        handleText(header, distance: distance, delay: delay, now: now, &heard)
        return heard
    }

    /// RFC 7323's PAWS, and numbers that belong to this connection at all.
    private func isAcceptable(_ header: SegmentHeader, distance: Int) -> Bool {
        if usesTimestamps, let timestamps = header.options.timestamps,
            Int32(bitPattern: timestamps.value &- recentTimestamp) < 0
        {
            return false
        }
        if header.flags.contains(.ack), highest.precedes(header.acknowledgement) { return false }
        return abs(distance) < 1 << 30
    }

    private mutating func handleText(
        _ header: SegmentHeader, distance: Int, delay: Interval, now: Instant, _ heard: inout Heard
    ) {
        if usesTimestamps, let timestamps = header.options.timestamps { recentTimestamp = timestamps.value }
        let end = header.sequenceEnd
        guard receiveNext.precedes(end), !header.flags.contains(.syn) else {
            // Old bytes, a keep-alive probe or a repeated SYN-ACK: our acknowledgement was lost, or is asked for.
            if header.sequenceLength > 0 || distance < 0 { acknowledge(by: now + delay) }
            return
        }
        if distance > 0 { heard.insert(.leftGap) }
        heard.insert(.answered)
        bytesSinceAcknowledgement += receiveNext.distance(to: end)
        receiveNext = end
        if header.flags.contains(.fin) {
            finish(now: now)
            heard.insert(.finished)
        }
        // RFC 1122, section 4.2.3.2: at least every second full segment, and not later than half a second.
        let isDue =
            bytesSinceAcknowledgement >= 2 * Int(offer.maximumSegmentSize ?? 536) || distance > 0
            || header.flags.contains(.fin)
        acknowledge(by: now + (isDue ? delay : max(Self.acknowledgementDelay, delay)))
    }

    private mutating func acknowledge(by instant: Instant) { acknowledgeAt = min(acknowledgeAt, instant) }

    /// The target's FIN.
    private mutating func finish(now: Instant) {
        guard !targetFinished else { return }
        targetFinished = true
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
        sacked = header.options.sackBlocks
        if advance > 0 {
            heard.insert(.acknowledged)
            takeAcknowledgement(acknowledgement, advance: advance, now: now)
        } else if header.payloadLength == 0, !header.flags.contains(.fin), inFlight > 0, sendWindow == oldWindow {
            onDuplicate(now: now)
        }
    }

    /// SND.WL1 and SND.WL2 keep an old segment from shrinking the window (RFC 9293, section 3.10.7.4).
    private mutating func updateWindow(_ header: SegmentHeader) {
        let isNewer =
            windowSequence.precedes(header.sequence)
            || (windowSequence == header.sequence
                && windowAcknowledgement.precedesOrEquals(header.acknowledgement))
        guard isNewer else { return }
        sendWindow = Int(header.window) << Int(sendScale)
        windowSequence = header.sequence
        windowAcknowledgement = header.acknowledgement
    }

    private mutating func takeAcknowledgement(_ acknowledgement: SequenceNumber, advance: Int, now: Instant) {
        unacknowledged = acknowledgement
        if sendNext.precedes(acknowledgement) { sendNext = acknowledgement }
        duplicates = 0
        roundTrip.onProgress()
        if let end = timedEnd, end.precedesOrEquals(acknowledgement) {
            roundTrip.onSample(now - timedAt)
            timedEnd = nil
        }
        if let recover {
            if recover.precedesOrEquals(acknowledgement) {
                self.recover = nil
                mayRetransmit = 0
                congestion.onRecovered()
            } else {
                // RFC 6582, section 3.2, step 3: a partial acknowledgement; the next hole goes at once.
                congestion.onPartial(advance)
                recoveryNext = SequenceNumber.later(recoveryNext, acknowledgement)
                if sacked.isEmpty { recoveryNext = acknowledgement }
                mayRetransmit += 1
            }
        } else {
            congestion.onAcknowledged(advance)
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

    private mutating func onDuplicate(now: Instant) {
        if recover != nil {
            congestion.onDuplicate()
            if !sacked.isEmpty { mayRetransmit += 1 }
            return
        }
        duplicates = min(duplicates + 1, 100)
        guard duplicates == 3 else { return }
        congestion.onLoss(inFlight: inFlight)
        recover = highest
        recoveryNext = unacknowledged
        mayRetransmit = 1
        timedEnd = nil
    }
}

// MARK: - Time

extension TargetConnection {
    mutating func handleTimeout(now: Instant) {
        guard retransmitAt <= now else { return }
        roundTrip.onTimeout()
        timedEnd = nil
        retransmitAt = now + roundTrip.timeout
        guard state != .synSent else {
            synIsDue = true
            return
        }
        guard inFlight > 0 else {
            // RFC 9293, section 3.8.6.1: a closed window is probed, for ever.
            probeIsDue = true
            return
        }
        // RFC 6298 (5.4) and RFC 5681: back to the first byte that is not acknowledged, one segment at a time.
        congestion.onTimeout(inFlight: inFlight)
        sendNext = unacknowledged
        recover = nil
        sacked = SACKBlocks()
        duplicates = 0
        mayRetransmit = 0
    }
}

// MARK: - Sending

extension TargetConnection {
    /// The segment that is to be sent now, which then counts as sent; nil when there is none.
    mutating func nextTransmission(now: Instant) -> Transmission? {
        if let sequence = pendingReset {
            pendingReset = nil
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
        guard synIsDue, !hasGivenUpHandshake else { return nil }
        synIsDue = false
        let isRetransmission = highest != initialSequence
        sendNext = initialSequence.advanced(by: 1)
        highest = sendNext
        if !isRetransmission { time(end: sendNext, now) }
        retransmitAt = now + roundTrip.timeout
        return Transmission(sequence: initialSequence, flags: .syn, isRetransmission: isRetransmission)
    }

    private mutating func time(end: SequenceNumber, _ now: Instant) {
        timedEnd = end
        timedAt = now
    }

    /// In fast recovery: the next hole that the target reported.
    private mutating func nextRetransmission(now: Instant) -> Transmission? {
        guard mayRetransmit > 0, let recover else { return nil }
        mayRetransmit -= 1
        recoveryNext = firstUnsacked(from: SequenceNumber.later(recoveryNext, unacknowledged))
        let end = min(recoveryNext.distance(to: recover), recoveryNext.distance(to: limit))
        if end <= 0 {
            guard finWasSent, recoveryNext == limit, unacknowledged == limit else { return nil }
            return sent(sequence: limit, length: 0, flags: [.fin, .ack], now: now, isRetransmission: true)
        }
        // Beyond the highest block nothing is known to be lost.
        guard sacked.isEmpty || recoveryNext.precedes(highestSacked) else { return nil }
        let length = min(Int(segmentSize), end, distanceToSacked(from: recoveryNext))
        let sequence = recoveryNext
        recoveryNext = recoveryNext.advanced(by: length)
        return sent(sequence: sequence, length: length, flags: [.ack, .psh], now: now, isRetransmission: true)
    }

    private var highestSacked: SequenceNumber {
        (0..<sacked.count).reduce(unacknowledged) { SequenceNumber.later($0, sacked[$1].end) }
    }

    private func firstUnsacked(from start: SequenceNumber) -> SequenceNumber {
        var position = start
        for _ in 0..<sacked.count {
            for index in 0..<sacked.count
            where sacked[index].start.precedesOrEquals(position) && position.precedes(sacked[index].end) {
                position = sacked[index].end
            }
        }
        return position
    }

    private func distanceToSacked(from position: SequenceNumber) -> Int {
        (0..<sacked.count).reduce(Int.max) { nearest, index in
            let distance = position.distance(to: sacked[index].start)
            return distance > 0 ? min(nearest, distance) : nearest
        }
    }

    private mutating func nextData(now: Instant) -> Transmission? {
        if sendNext != highest { sendNext = firstUnsacked(from: sendNext) }
        let waiting = sendNext.distance(to: limit)
        guard waiting > 0 else { return nil }
        let usable = min(sendWindow, Int(congestion.window)) - inFlight
        let length = min(waiting, usable, Int(segmentSize))
        guard length > 0 else {
            if sendWindow == 0 || inFlight == 0, retransmitAt == .never { retransmitAt = now + roundTrip.timeout }
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

    /// One byte beyond a closed window.
    private mutating func nextProbe(now: Instant) -> Transmission? {
        guard probeIsDue else { return nil }
        probeIsDue = false
        guard sendNext.precedes(limit), inFlight == 0 else { return nil }
        return sent(
            sequence: sendNext, length: 1, flags: [.ack, .psh], now: now,
            isRetransmission: sendNext.precedes(highest))
    }

    private mutating func nextAcknowledgement(now: Instant) -> Transmission? {
        guard acknowledgeAt <= now else { return nil }
        onAcknowledgementSent()
        return Transmission(sequence: highest, flags: .ack)
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
