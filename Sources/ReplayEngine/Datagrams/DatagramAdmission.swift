/// Safe start, for one target of datagrams: one datagram is let out at a time, in growing intervals, until an answer has
/// been relayed, which proves that the target's answers go to the assistant and not to real clients.
///
/// UDP has no handshake that could be tried first. So a forgotten route costs real clients one stray datagram at first,
/// and one every half a minute in the end.
struct DatagramAdmission {
    enum State: Equatable {
        case untested
        /// Probes were sent since then; the next may go at `next`, and the one after that `interval` later.
        case probing(since: Instant, next: Instant, interval: Interval)
        case proven
    }

    private(set) var state: State
    private var reportAt = Instant.never

    /// How long a datagram is held for its target to be heard; after that it is too late to send it.
    static let holdLimit = Interval.seconds(10)
    private static let firstInterval = Interval.seconds(1)
    private static let longestInterval = Interval.seconds(30)

    init(startsSafely: Bool) { state = startsSafely ? .untested : .proven }

    var isProven: Bool { state == .proven }

    /// When the next datagram may go as a probe; `never` once the target was heard, since then all may go.
    var nextProbe: Instant {
        switch state {
        case .untested: .zero
        case .probing(_, let next, _): next
        case .proven: .never
        }
    }

    mutating func onProbe(now: Instant) {
        switch state {
        case .untested:
            state = .probing(since: now, next: now + Self.firstInterval, interval: Self.firstInterval)
            reportAt = now + TargetAdmission.patience
        case .probing(let since, _, let interval):
            let longer = min(Interval(nanoseconds: interval.nanoseconds * 2), Self.longestInterval)
            state = .probing(since: since, next: now + longer, interval: longer)
        case .proven: break
        }
    }

    /// The target was heard.
    mutating func prove() {
        state = .proven
        reportAt = .never
    }

    /// When silence is to be reported next.
    var reportDeadline: Instant { reportAt }

    /// How long probes have been unanswered, when it is time to say so.
    mutating func takeReport(now: Instant) -> Interval? {
        guard case .probing(let since, _, _) = state, reportAt <= now else { return nil }
        reportAt = now + TargetAdmission.reminder
        return now - since
    }
}
