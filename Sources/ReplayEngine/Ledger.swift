/// The account of what became of every exchange and every session of one transfer.
public struct Ledger: Equatable, Sendable {
    public var sessions = Account()
    public var exchanges = Account()
    /// Exchanges released although the target had not answered the one before (the gate failed open).
    public var releasedUnanswered = 0
    /// Connections opened anew for a session that went on: after a hole, an early close, or a join in mid-stream.
    public var reopenings = 0
    /// Segments sent again, to the target.
    public var retransmissions = 0

    /// How late exchanges were released against their schedule.
    public var lateness = Lateness()

    public init() {}

    public var balances: Bool { sessions.balances && exchanges.balances }

    public static func += (one: inout Ledger, other: Ledger) {
        one.sessions += other.sessions
        one.exchanges += other.exchanges
        one.releasedUnanswered += other.releasedUnanswered
        one.reopenings += other.reopenings
        one.retransmissions += other.retransmissions
        one.lateness += other.lateness
    }
}
