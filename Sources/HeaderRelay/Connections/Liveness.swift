import NIOCore

/// When a side must say that it is alive, and when the other must be taken for dead.
struct Liveness: Equatable, Sendable {
    private(set) var lastHeard: NIODeadline
    private(set) var lastSpoken: NIODeadline
    /// Whether the other side has been noticed to be silent.
    private(set) var isSilent = false

    enum Duty: Equatable, Sendable {
        case nothing
        /// Nothing was sent for a while: say that this side is alive.
        case speak
        /// Nothing was heard for longer than a side that is alive keeps silent: say so, once.
        case noticeSilence
        /// Nothing was heard for too long: close.
        case giveUp
    }

    init(now: NIODeadline) {
        lastHeard = now
        lastSpoken = now
    }

    mutating func onHeard(now: NIODeadline) {
        lastHeard = now
        isSilent = false
    }

    mutating func onSilenceNoticed() { isSilent = true }
    mutating func onSpoken(now: NIODeadline) { lastSpoken = now }

    /// What is due; ask at least twice in `RelayProtocol.aliveInterval`.
    func duty(now: NIODeadline) -> Duty {
        if now - lastHeard >= RelayProtocol.silenceLimit { return .giveUp }
        if !isSilent, now - lastHeard >= RelayProtocol.silenceNotice { return .noticeSilence }
        return now - lastSpoken >= RelayProtocol.aliveInterval ? .speak : .nothing
    }
}
