import Wire

/// When a session's next turn may go to the target.
///
/// Knows of the turn that was released last and how much the target has answered since, in the target's own sequence
/// numbers.
struct TurnGate {
    enum Decision: Equatable {
        /// It has been open since then; `answered` is false where it fails open.
        case open(since: Instant, answered: Bool)
        /// Not before this time, or another event; `never` waits for an event alone.
        case wait(until: Instant)
    }

    /// The target's sequence number that was next when the last turn was released.
    private var answerBase: SequenceNumber
    /// When the last turn was released, or its answer last grew.
    private(set) var quietSince: Instant
    private(set) var releasedAt: Instant
    private var smoothedTurn = Interval.milliseconds(50)
    /// What the last answering header showed.
    private var endsWithPush = false
    private var hasGap = false
    /// A PSH was seen before the answer was as long as online: here PSH ends writes, not answers.
    private var pushedEarly = false
    private var isImpatient = false

    /// RFC-less choices of our own; see DESIGN's schedule.
    static let quietBounds = Interval.milliseconds(1)...Interval.milliseconds(200)
    static let shortQuietBounds = Interval.milliseconds(1)...Interval.milliseconds(20)
    /// How long an answer of which nothing has come is waited for, where online there was one, before the session is
    /// taken for one without turns. Servers that check for early talkers punish less patience than a slow target needs.
    static let patience = Interval.seconds(5)

    /// - Parameter answerStart: the target's first sequence number after its SYN.
    init(answerStart: SequenceNumber, now: Instant) {
        answerBase = answerStart
        quietSince = now
        releasedAt = now
    }

    /// Bytes the target has answered to the turn that was released last.
    func answeredBytes(upTo receiveNext: SequenceNumber) -> Int { max(0, answerBase.distance(to: receiveNext)) }

    /// A turn goes out.
    mutating func onReleased(receiveNext: SequenceNumber, now: Instant) {
        answerBase = receiveNext
        releasedAt = now
        quietSince = now
        endsWithPush = false
        hasGap = false
        pushedEarly = false
    }

    /// What the target said while the relay was away was missed: all waiting begins anew.
    mutating func onRelayRestored(now: Instant) {
        releasedAt = now
        quietSince = now
        hasGap = true
    }

    /// The target acknowledged, or sent something.
    mutating func onHeard(_ header: SegmentHeader, leavesGap: Bool, now: Instant) {
        quietSince = now
        guard header.payloadLength > 0 else { return }
        if endsWithPush { pushedEarly = true }
        endsWithPush = header.flags.contains(.psh)
        hasGap = hasGap || leavesGap
    }

    /// Whether a turn may go before which the client had heard `needed` bytes online, when the target has acknowledged
    /// all that was released.
    ///
    /// - Parameters:
    ///   - isEnding: the turn closes or resets the connection. That cuts off an answer on its way, so unless the answer is
    ///     whole it waits longer.
    ///   - mayGuess: the target's silence means that it says nothing.
    func decision(
        needed: Int, isEnding: Bool, mayGuess: Bool, receiveNext: SequenceNumber, habits: TargetHabits, now: Instant
    ) -> Decision {
        let answered = answeredBytes(upTo: receiveNext)
        if answered >= needed { return .open(since: quietSince, answered: true) }
        guard mayGuess else { return .wait(until: .never) }
        let quiet =
            isEnding
            ? Self.quietBounds.upperBound
            : Interval(nanoseconds: smoothedTurn.nanoseconds * 2).clamped(Self.quietBounds)
        guard answered > 0 else { return due(after: isImpatient ? quiet : Self.patience, answered: false, now) }
        guard endsWithPush, !pushedEarly, !hasGap else { return due(after: quiet, answered: false, now) }
        if habits.pushEndsAnswers, answered >= needed / 2 { return .open(since: quietSince, answered: true) }
        return due(after: isEnding ? quiet : smoothedTurn.clamped(Self.shortQuietBounds), answered: true, now)
    }

    private func due(after interval: Interval, answered: Bool, _ now: Instant) -> Decision {
        let instant = quietSince + interval
        return instant <= now ? .open(since: instant, answered: answered) : .wait(until: instant)
    }

    /// The gate was open for a turn before which the client had heard `needed` bytes online; learns from how it opened.
    mutating func onOpened(needed: Int, receiveNext: SequenceNumber, habits: inout TargetHabits, now: Instant) {
        guard needed > 0 else { return }
        let answered = answeredBytes(upTo: receiveNext)
        guard answered > 0 else {
            isImpatient = true
            return
        }
        isImpatient = false
        let turn = quietSince - releasedAt
        smoothedTurn.nanoseconds += (turn.nanoseconds - smoothedTurn.nanoseconds) / 4
        if answered >= needed { habits.onWholeAnswer(pushedEarly: pushedEarly, endsWithPush: endsWithPush) }
    }
}

/// What has shown to be true of one target's answers, and of those of the online servers that it stands for.
struct TargetHabits {
    /// Some client has heard an answer of the online servers' that this target stands for.
    var isAnsweredOnline = false
    private var proofs: UInt8 = 0

    /// PSH has ended whole answers, and nothing else, at least this often in a row.
    static let proofsNeeded: UInt8 = 16

    var pushEndsAnswers: Bool { proofs >= Self.proofsNeeded }

    mutating func onWholeAnswer(pushedEarly: Bool, endsWithPush: Bool) {
        if pushedEarly {
            proofs = 0
        } else if endsWithPush {
            proofs = min(proofs + 1, 200)
        }
    }
}
