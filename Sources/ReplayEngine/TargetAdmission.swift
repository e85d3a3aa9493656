/// Safe start, for one target: one session is let out; the others are held until a header of the target has been
/// relayed, which proves that its answers go to the assistant and not to real clients.
struct TargetAdmission {
    enum State: Equatable {
        case untested
        case probing(session: Int, since: Instant)
        case proven
    }

    private(set) var state: State
    private var waiting: [Int] = []
    private var reportedAt = Instant.zero

    /// How long a probe may stay unanswered before the user is told, and how often after that.
    static let patience = Interval.seconds(3)
    static let reminder = Interval.seconds(30)

    init(startsSafely: Bool) { state = startsSafely ? .untested : .proven }

    /// Whether the session may open a connection; if not, it waits.
    mutating func admits(_ session: Int, now: Instant) -> Bool {
        switch state {
        case .proven: return true
        case .untested:
            state = .probing(session: session, since: now)
            reportedAt = now + Interval(nanoseconds: Self.patience.nanoseconds - Self.reminder.nanoseconds)
            return true
        case .probing(session, _): return true
        case .probing:
            waiting.append(session)
            return false
        }
    }

    /// The target's first header came: returns the sessions that may go on.
    mutating func prove() -> [Int] {
        state = .proven
        defer { waiting = [] }
        return waiting
    }

    /// A session has ended, or its handshake: true if it was the probe, so that another may take over.
    mutating func onProbeEnded(_ session: Int) -> Bool {
        guard case .probing(session, _) = state else { return false }
        state = .untested
        return true
    }

    /// Forgets those that have ended meanwhile.
    mutating func keepWaiting(_ sessions: [Int]) { waiting = sessions }

    /// One of those that waited; it may have ended meanwhile.
    mutating func takeWaiting() -> Int? { waiting.popLast() }

    /// When silence is to be reported next.
    var reportDeadline: Instant {
        if case .probing = state { return reportedAt + Self.reminder }
        return .never
    }

    /// How long the probe has been waiting, when it is time to say so.
    mutating func takeReport(now: Instant) -> Interval? {
        guard case .probing(_, let since) = state, reportDeadline <= now else { return nil }
        reportedAt = now
        return now - since
    }
}
