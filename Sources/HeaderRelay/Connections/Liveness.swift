import NIOCore

/// When a side must say that it is alive, and when the other must be taken for dead.
struct Liveness: Equatable, Sendable {
    private(set) var lastHeard: NIODeadline
    private(set) var lastSpoken: NIODeadline

    enum Duty: Equatable, Sendable {
        case nothing
        /// Nothing was sent for a while: say that this side is alive.
        case speak
        /// Nothing was heard for too long: close.
        case giveUp
    }

    init(now: NIODeadline) {
        lastHeard = now
        lastSpoken = now
    }

    mutating func onHeard(now: NIODeadline) { lastHeard = now }
    mutating func onSpoken(now: NIODeadline) { lastSpoken = now }

    /// What is due; ask at least twice in `RelayProtocol.aliveInterval`.
    func duty(now: NIODeadline) -> Duty {
        if now - lastHeard >= RelayProtocol.silenceLimit { return .giveUp }
        return now - lastSpoken >= RelayProtocol.aliveInterval ? .speak : .nothing
    }
}
