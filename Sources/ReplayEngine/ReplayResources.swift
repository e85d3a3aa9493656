import Wire

/// What all sessions of one engine share: the memory their payload and turns wait in, the settings and the books.
struct ReplayResources: ~Copyable {
    var settings: ReplaySettings
    var payload = PayloadPool()
    var turns = TurnPool()
    var onlineAnswers = OnlineAnswersPool()
    /// One for each transfer.
    var ledgers: [Ledger]
    var habits: [TargetHabits]
    /// Safe start, for each transfer.
    var admissions: [TargetAdmission]
    /// Whether pairs of addresses must be announced before they are used.
    var announces = false
    var announcements: [Flow] = []
    var events: [ReplayEvent] = []
    var isStopping = false
    /// How far the capture has come, where it has a clock of its own: that of a recording.
    var captureTime: Instant?
    /// How much of what targets answer is relayed, and since when that is so.
    var reach = RelayReach.whole
    var reachChangedAt = Instant.zero
    /// Sessions that wait to hear from their targets.
    var listeners = 0
    /// Until then a target may be in the midst of a long answer.
    var longAnswerUntil = Instant.zero
    /// Bytes that the sessions themselves take.
    var sessionBytes = 0
    /// Those of sessions that are kept only to count what their clients send: shed ones, and those not selected.
    var followedBytes = 0
    /// Bytes that datagrams and their flows take.
    var datagramBytes = 0
    /// The segment that is being taken did not fit.
    var isFull = false
    /// Captured and relayed segments that concern no session.
    var ignored = IgnoredCounts()

    init(settings: ReplaySettings) {
        self.settings = settings
        ledgers = Array(repeating: Ledger(), count: settings.transfers.count)
        admissions = Array(
            repeating: TargetAdmission(startsSafely: settings.startsSafely), count: settings.transfers.count)
        habits = Array(repeating: TargetHabits(), count: settings.transfers.count)
    }

    /// When something was captured that is handed in now, on the clock of the capture; live, that is the engine's.
    @inline(__always) func onCaptureClock(_ instant: Instant) -> Instant { captureTime ?? instant }

    /// Bytes in use, of those that the user allows.
    @inline(__always) var memoryInUse: Int { payload.bytesInUse + turns.bytesInUse + sessionBytes + datagramBytes }

    /// Whether the sessions that are replayed leave room to others that can only be followed, and to payload.
    @inline(__always) var hasRoomForSessions: Bool { sessionBytes - followedBytes <= settings.memoryLimit / 8 * 5 }

    /// Whether so many more sessions may be known at all. All of them leave a quarter to payload: else each would be shed at
    /// its next exchange.
    @inline(__always) func hasRoom(forSessions count: Int) -> Bool {
        sessionBytes + count * Replayer.bytesPerSession <= settings.memoryLimit / 4 * 3
    }

    /// Whether so much more payload may wait, with a turn that it begins.
    @inline(__always) func hasRoom(forBytes count: Int) -> Bool {
        count == 0
            || memoryInUse + (count / PayloadPool.blockSize + 3) * PayloadPool.blockSize <= settings.memoryLimit
    }

    /// Whether datagrams, which may take half of it, may take so much more.
    @inline(__always) func hasRoom(forDatagramBytes count: Int) -> Bool {
        datagramBytes + count <= settings.memoryLimit / 2 && memoryInUse + count <= settings.memoryLimit
    }

    /// Whether what was shed may come back: the backlog has halved.
    @inline(__always) var mayRejoin: Bool { !isFull && memoryInUse - followedBytes <= settings.memoryLimit / 2 }

    /// Counts the session among those that wait to hear from their targets, or no more.
    mutating func setListening(_ isListening: Bool, _ session: inout Session) {
        guard session.isListening != isListening else { return }
        session.isListening = isListening
        listeners += isListening ? 1 : -1
    }

    /// The session is kept only to count what its client sends.
    mutating func follow(_ session: inout Session) {
        guard !session.isFollowed else { return }
        session.isFollowed = true
        followedBytes += Replayer.bytesPerSession
    }

    /// The session is replayed again, or goes.
    mutating func unfollow(_ session: inout Session) {
        guard session.isFollowed else { return }
        session.isFollowed = false
        followedBytes -= Replayer.bytesPerSession
    }

    /// Whether silence of a target says anything about it: not while an assistant is away, for as long as `-t` lasts.
    @inline(__always) func mayJudge(now: Instant) -> Bool {
        reach == .whole || reachChangedAt + settings.sessionTimeout <= now
    }

    /// What keeps a session that wants to open a connection from it; nil when nothing does.
    mutating func hold(for session: Session, index: Int, now: Instant) -> Session.Phase? {
        guard reach != .none else { return .awaitingRelay }
        guard admissions[session.transfer].admits(index, now: now) else { return .heldBySafeStart }
        guard announces, !session.isGranted else { return nil }
        announcements.append(session.replayFlow)
        return .awaitingGrant
    }
}
