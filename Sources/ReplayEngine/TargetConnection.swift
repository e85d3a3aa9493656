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

    // Wide fields first: see Session.

    var retransmitAt = Instant.never
    var acknowledgeAt = Instant.never
    var heardAt: Instant
    /// The segment whose acknowledgement is the next sample: when it went, and its end.
    var timedAt = Instant.zero
    var timedEnd: SequenceNumber?
    /// The number of a RST that is owed.
    var pendingReset: SequenceNumber?
    let initialSequence: SequenceNumber
    /// SND.UNA, SND.NXT and the highest that SND.NXT has been.
    var unacknowledged: SequenceNumber
    var sendNext: SequenceNumber
    var highest: SequenceNumber
    /// Bytes may be sent up to here; the FIN lies here once it is released.
    private(set) var limit: SequenceNumber
    var receiveNext = SequenceNumber(0)
    /// IRS + 1.
    var receiveStart = SequenceNumber(0)
    var sendWindow: UInt32 = 0
    var windowSequence = SequenceNumber(0)
    var windowAcknowledgement = SequenceNumber(0)
    var recentTimestamp: UInt32 = 0
    var bytesSinceAcknowledgement: UInt32 = 0
    var congestion = CongestionWindow(segment: 1460)
    var recovery = LossRecovery()
    var roundTrip = RoundTripEstimator()
    let path: Path
    let offer: Offer
    var segmentSize: UInt16
    var state = State.closed
    private(set) var finReleased = false
    /// Whether the target has closed its side.
    var hasTargetFinished = false
    var sendScale: UInt8 = 0
    var usesTimestamps = false
    var challenges: UInt8 = 0
    /// What makes the target speak is to be sent: the SYN or, once connected, a probe.
    var promptIsDue = false
    /// How often the target may still be asked where it stands.
    var questions: UInt8 = 0

    /// Linux's TCP_DELACK_MIN: how long an acknowledgement waits for data to go with it.
    static let acknowledgementDelay = Interval.milliseconds(40)
    /// SYN retransmissions before the target counts as not there (Linux's tcp_syn_retries).
    static let synRetries = 6
    /// The largest window that 16 bits can say before scaling.
    static let window: UInt16 = 65535
    /// RSTs that answer old numbers, for each time that the SYN goes by the timer: an echo must end.
    static let challengeLimit: UInt8 = 8
    /// A question or its answer may be lost a few times on a bad network.
    static let questionLimit: UInt8 = 6

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

    mutating func open(now: Instant) {
        precondition(state == .closed, "a connection is opened once")
        state = .synSent
        promptIsDue = true
        heardAt = now
    }

    /// Lets bytes be sent up to `end`.
    mutating func release(to end: SequenceNumber) { limit = end }

    /// Lets the FIN follow the bytes released.
    mutating func releaseFin() { finReleased = true }

    /// Ends the connection by a RST; what still comes from the target is answered by RST. One that never sent a SYN has
    /// nothing to end, and may be opened yet.
    mutating func abort() {
        stopTimers()
        guard highest != initialSequence else {
            state = .closed
            return
        }
        if state != .closed, state != .aborted { pendingReset = highest }
        state = .aborted
    }

    mutating func stopTimers() {
        retransmitAt = .never
        acknowledgeAt = .never
        promptIsDue = false
        questions = 0
    }

    /// Whether data may pass from the client to the target.
    @inline(__always) var isSynchronized: Bool { state != .closed && state != .synSent && state != .aborted }
    /// Whether both sides are closed and acknowledged, or the connection was aborted.
    @inline(__always) var isOver: Bool { state == .timeWait || state == .aborted || state == .closed }
    /// Whether the handshake has been given up.
    @inline(__always) var hasGivenUpHandshake: Bool { state == .synSent && roundTrip.expiries > Self.synRetries }
    @inline(__always) var hasEverythingAcknowledged: Bool { limit.precedesOrEquals(unacknowledged) }
    /// Whether bytes were released that have not been sent yet.
    @inline(__always) var hasUnsent: Bool { sendNext.precedes(limit) }
    @inline(__always) var nextDeadline: Instant { min(retransmitAt, acknowledgeAt) }

    @inline(__always) var finWasSent: Bool { finReleased && limit.precedes(highest) }
    @inline(__always) var inFlight: Int { unacknowledged.distance(to: sendNext) }
}
