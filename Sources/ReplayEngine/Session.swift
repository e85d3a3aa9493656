import Wire

/// One client connection and its replay.
///
/// Three machines, and the bytes between them: the `ClientStream` puts captured segments in order, the `TurnGate` says
/// when the next turn may go, the `TargetConnection` sends it. Positions in the stream are sequence numbers of the
/// session's own: the client's, as long as capture loses nothing; the target's are theirs plus `offset`.
///
/// What only asks is inlined on the packet path, here and in the other large structs of the engine: where it is called instead, the
/// compiler copies the whole struct for it (Swift 6.3), even to look at one byte. That was a seventh of the path's instructions.
struct Session {
    enum Phase: UInt8 {
        /// Waits until another session has shown that the target's answers are relayed.
        case heldBySafeStart
        /// Waits until an earlier session of the same client address and port has ended.
        case heldByPredecessor
        /// Waits until an assistant relays again.
        case awaitingRelay
        /// Waits until intercept has granted the pair of addresses.
        case awaitingGrant
        /// Has no connection; the client's SYN, or the next exchange, opens one.
        case dormant
        case connected
        /// Left out by the user's choice: what the client sends is counted, nothing is replayed.
        case notSelected
        /// Shed, with exchanges on their way: these come to their own end, nothing else is released.
        case settling
        /// Given up: what else the client sends is counted as failed, or shed.
        case dead
        /// Accounted for; answers what the target still sends.
        case lingering
    }

    // A million sessions may be idle at once, so the order of the fields leaves no gaps: wide ones first.

    let capturedFlow: Flow
    /// The number of the client's first segment: its ISN, where its SYN was seen.
    let capturedSequence: SequenceNumber
    /// Client to target.
    var replayFlow: Flow
    /// The positions of the first byte in `payload` and after its last.
    var payloadStart: SequenceNumber
    /// On the clock of the capture.
    let capturedSynAt: Instant
    var activeAt: Instant
    /// When the gate is to be asked again; of a lingering session, when it goes.
    var gateAt = Instant.never
    var stream: ClientStream
    var connection: TargetConnection
    var payload = PayloadChain()
    var gate: TurnGate
    var turns = TurnQueue()
    var payloadEnd: SequenceNumber
    /// The target's sequence number of a byte, less its position in the stream.
    var offset: UInt32 = 0
    /// Exchanges released and neither answered nor failed yet.
    var outstanding: UInt32 = 0
    private var clientRoundTripMicroseconds: UInt32

    /// The next copy of the same client connection.
    var nextCopy: Int32 = -1
    /// Neighbours in the order in which sessions began.
    var older: Int32 = -1
    var newer: Int32 = -1
    /// What the online server said, where that is captured too.
    var onlineAnswers: Int32 = -1
    var predecessor: Int32 = -1
    var successor: Int32 = -1

    private let transferNumber: UInt16
    var phase: Phase
    /// Why the session's last exchange failed; nil once another was answered.
    var lastFailure: FailureReason?
    var shedReason: ShedReason?
    /// Connections opened since an exchange was answered, as far as they are counted.
    var attempts: UInt8 = 0
    /// What the client still sends belongs to an exchange that can't be replayed.
    var isDiscarding: Bool
    /// The client's FIN or RST was captured.
    var hasClientEnded = false
    /// Whether the offer is the client's own, from its SYN, whose number the first connection then takes over.
    let hasCapturedSyn: Bool
    /// The client ended its side without having heard an answer to what is outstanding: online there was none.
    var expectsNoAnswer = false
    var hasConnected = false
    /// Nothing was released on this connection, which is not the session's first: its first turn needs no gate.
    var isFresh = false
    /// No other tcpcopy host holds this pair of addresses.
    var isGranted = false
    /// Set while a segment is taken: this is the copy that enters in the ledger what was captured.
    var entersCapture = true
    /// The session was entered in the ledger as shed, and has rejoined since.
    var isAccounted = false
    /// Kept only to count what its client sends.
    var isFollowed = false
    var isReady = false
    /// Counted among those that wait to hear from their target.
    var isListening = false

    /// Connections opened for a session at once without an answer in between. After so many its exchanges fail unsent, but
    /// for one after each pause: so a service that is away is not stormed, and its return is noticed.
    static let attemptLimit: UInt8 = 8
    static let pause = Interval.seconds(1)
    /// An answer of so many bytes may go on, and then waits for acknowledgements: half of the ten segments that a server may
    /// send before any (RFC 6928); it is over when nothing more of it comes for so long.
    static let longAnswer = 7_300
    static let longAnswerPause = Interval.milliseconds(20)
    /// How long an ended connection answers the target's retransmissions: the client's TIME-WAIT, cut short because
    /// only a lost last acknowledgement needs it here.
    static let lingering = Interval.seconds(1)
    /// Handshakes measured below this are a local client's: its acknowledgements need no delay.
    static let localRoundTrip = Interval.milliseconds(1)

    /// - Parameters:
    ///   - syn: the client's first segment, or any of a connection that was open before.
    ///   - capturedAt: on the clock of the capture.
    init(
        _ header: SegmentHeader, replayFlow: Flow, transfer: Int, phase: Phase, settings: ReplaySettings,
        isMidway: Bool,
        capturedAt: Instant, now: Instant
    ) {
        let isSyn = header.flags.contains(.syn)
        capturedFlow = header.flow
        capturedSequence = header.sequence
        self.replayFlow = replayFlow
        transferNumber = UInt16(transfer)
        self.phase = phase
        hasCapturedSyn = isSyn
        let first = isSyn ? header.sequence.advanced(by: 1) : header.sequence
        stream = ClientStream(next: first, isMidway: isMidway)
        payloadStart = first
        payloadEnd = first
        isDiscarding = isMidway
        gate = TurnGate(answerStart: SequenceNumber(0), now: now)
        let target = settings.transfers[transfer]
        let path = TargetConnection.Path(packetSize: target.packetSize, isIPv4: target.target.address.isIPv4)
        connection = TargetConnection(
            initialSequence: header.sequence,
            offer: TargetConnection.Offer(header, path: path, maximumSegmentSize: settings.maximumSegmentSize),
            path: path,
            now: now)
        capturedSynAt = capturedAt
        activeAt = now
        clientRoundTripMicroseconds = 0
        clientRoundTrip = settings.acknowledgementDelay ?? .zero
    }

    /// The index of its transfer.
    @inline(__always) var transfer: Int { Int(transferNumber) }

    /// How late acknowledgements go out.
    @inline(__always) func acknowledgementDelay(_ settings: borrowing ReplaySettings) -> Interval {
        guard settings.captureSpeed != 1, settings.acknowledgementDelay == nil else { return clientRoundTrip }
        return Interval(nanoseconds: Int64(min(Double(clientRoundTrip.nanoseconds) / settings.captureSpeed, 1e9)))
    }

    /// The client's to the online server, on the clock of the capture, or the one that the user asked for.
    @inline(__always) var clientRoundTrip: Interval {
        get { .microseconds(Int64(clientRoundTripMicroseconds)) }
        set { clientRoundTripMicroseconds = UInt32(clamping: newValue.nanoseconds / 1_000) }
    }

    /// Where a position of the stream lies in the target's numbers.
    @inline(__always) func targetSequence(_ position: SequenceNumber) -> SequenceNumber {
        SequenceNumber(position.rawValue &+ offset)
    }

    @inline(__always) func position(_ sequence: SequenceNumber) -> SequenceNumber {
        SequenceNumber(sequence.rawValue &- offset)
    }

    /// Whether it is being replayed, or will be.
    @inline(__always) var isReplaying: Bool { phase != .notSelected && !isGivenUp && phase != .lingering }

    /// Whether it was shed, or has failed for good.
    @inline(__always) var isGivenUp: Bool { phase == .dead || phase == .settling }

    /// Whether there is a connection to the target.
    @inline(__always) var hasConnection: Bool { phase == .connected || phase == .settling }

    /// Whether nothing is known that would still have to be sent or answered.
    @inline(__always) var isIdle: Bool { turns.isEmpty && outstanding == 0 }

    /// Whether this SYN is that of the connection itself: seen again, or overtaken by its first bytes on the way here.
    ///
    /// - Parameter capturedAt: on the clock of the capture.
    @inline(__always) func began(with syn: SegmentHeader, capturedAt: Instant) -> Bool {
        if hasCapturedSyn { return syn.sequence == capturedSequence }
        return (0..<1 << 20).contains(syn.sequenceEnd.distance(to: capturedSequence))
            && capturedAt < capturedSynAt + ClientStream.holePatience
    }

    /// Whether these are new bytes of a client whose session was taken for idle and ended.
    func isTakenUpAgain(by header: SegmentHeader) -> Bool {
        phase == .lingering && !hasClientEnded && header.payloadLength > 0
            && stream.next.precedesOrEquals(header.sequence) && !header.flags.contains(.rst)
    }

    /// Whether these are first bytes of the client's next connection, which have overtaken its SYN on the way here.
    func isSucceeded(by header: SegmentHeader) -> Bool {
        guard hasClientEnded, header.payloadLength > 0, !header.flags.contains(.rst) else { return false }
        // Old are bytes sent again, and such that the RST has overtaken. Of a long stream, or one that was joined, not all are known.
        let length = capturedSequence.distance(to: stream.next)
        let isWhole = hasCapturedSyn && (0..<1 << 30).contains(length)
        return !(-(isWhole ? length : 1 << 30)...1 << 20).contains(stream.next.distance(to: header.sequence))
    }

    /// Whether the SYN of the client's is still to be replayed.
    @inline(__always) var awaitsFirstConnection: Bool { hasCapturedSyn && !hasConnected }

    /// Whether online there was an answer to what is outstanding. Where clients only tell there is none, ever.
    @inline(__always) private var answersOnline: Bool {
        if hasClientEnded { return !expectsNoAnswer }
        // Of a session that was shed later exchanges are known, but not kept.
        if phase == .settling, isDiscarding { return true }
        return stream.acknowledged.map { stream.isBoundary(acknowledging: $0) } ?? false
    }

    /// Whether it is the target's turn to say something.
    @inline(__always) var awaitsTarget: Bool {
        guard hasConnection, !isIdle else { return false }
        return !turns.isEmpty || !connection.hasEverythingAcknowledged || answersOnline
    }

    /// Whether what the target or intercept says next lets something go: a turn, bytes that the window had no room for, or a SYN.
    @inline(__always) var listens: Bool {
        !turns.isEmpty || phase == .awaitingGrant
            || (hasConnection && connection.isSynchronized && connection.hasUnsent)
    }

    /// Since when the target could have been heard to say something, and was not.
    @inline(__always) func silentSince(_ resources: borrowing ReplayResources) -> Instant {
        max(max(connection.heardAt, gate.releasedAt), resources.reachChangedAt)
    }

    /// When the session counts as given up by the target, or by its client.
    @inline(__always) func timeLimit(_ resources: borrowing ReplayResources) -> Instant {
        awaitsTarget
            ? silentSince(resources) + resources.settings.sessionTimeout : activeAt + resources.settings.idleTimeout
    }

    /// When the hole in what was captured counts as final, on the clock of the capture; never without one.
    @inline(__always) func holeDeadline(_ resources: borrowing ReplayResources) -> Instant {
        guard stream.hasHole else { return .never }
        return stream.holeDeadline(
            roundTrip: clientRoundTrip, captureSkew: resources.settings.captureSkew,
            serverAcknowledged: resources.onlineAnswers[onlineAnswers]?.acknowledged)
    }

    /// When `handleTimeout` has something to do.
    @inline(__always) func nextDeadline(_ resources: borrowing ReplayResources) -> Instant {
        if phase == .lingering { return min(gateAt, connection.nextDeadline) }
        var deadline = timeLimit(resources)
        if resources.captureTime == nil { deadline = min(deadline, holeDeadline(resources)) }
        if hasConnection { deadline = min(deadline, min(connection.nextDeadline, gateAt)) }
        return deadline
    }
}

extension TargetConnection.Offer {
    /// What the client's SYN offers; for a session without one, what a current Linux would.
    init(_ header: SegmentHeader, path: TargetConnection.Path, maximumSegmentSize: UInt16?) {
        timestamps = header.options.timestamps != nil
        if header.flags.contains(.syn) {
            self.maximumSegmentSize = header.options.maximumSegmentSize
            windowScale = header.options.windowScale
            sackPermitted = header.options.sackPermitted
        } else {
            self.maximumSegmentSize = maximumSegmentSize ?? path.largestSegment
            windowScale = 7
            sackPermitted = true
        }
    }
}
