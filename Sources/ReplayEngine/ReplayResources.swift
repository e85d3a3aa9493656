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
    /// Bytes that the sessions themselves take.
    var sessionBytes = 0
    /// Those of sessions that were shed, which are kept only to count what their clients still send.
    var shedBytes = 0

    init(settings: ReplaySettings) {
        self.settings = settings
        ledgers = Array(repeating: Ledger(), count: settings.transfers.count)
        admissions = Array(
            repeating: TargetAdmission(startsSafely: settings.startsSafely), count: settings.transfers.count)
        habits = Array(repeating: TargetHabits(), count: settings.transfers.count)
    }

    /// Bytes in use, of those that the user allows.
    var memoryInUse: Int { payload.bytesInUse + sessionBytes - shedBytes }

    /// Whether the sessions leave a quarter to their payload: else each would be shed at its next exchange.
    var hasRoomForSessions: Bool { sessionBytes - shedBytes <= settings.memoryLimit / 4 * 3 }

    /// Whether so much more payload may wait.
    func hasRoom(forBytes count: Int) -> Bool {
        count == 0
            || memoryInUse + (count / PayloadPool.blockSize + 2) * PayloadPool.blockSize <= settings.memoryLimit
    }

    /// Whether what was shed may come back: the backlog has halved.
    var mayRejoin: Bool { memoryInUse <= settings.memoryLimit / 2 }

    /// What keeps a session that wants to open a connection from it; nil when nothing does.
    mutating func hold(for session: Session, index: Int, now: Instant) -> Session.Phase? {
        guard admissions[session.transfer].admits(index, now: now) else { return .heldBySafeStart }
        guard announces, !session.isGranted else { return nil }
        announcements.append(session.replayFlow)
        return .awaitingGrant
    }
}
