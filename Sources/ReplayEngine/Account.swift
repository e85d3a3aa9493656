/// What became of one kind of thing, exchanges or sessions. Each figure is counted from an event of its own.
public struct Account: Equatable, Sendable {
    /// Seen from clients.
    public var captured = 0
    /// Left out by `-r`, `-g` or `-O`.
    public var notSelected = 0
    /// Chosen for replay.
    public var selected = 0
    /// Chosen, times the copies of each.
    public var replayed = 0
    /// Exchanges answered by the target; sessions carried to their end.
    public var answered = 0
    /// Datagrams that were sent and that nobody answered in time, or that nobody answers at all.
    public var silent = 0
    /// Not finished yet.
    public var inFlight = 0
    private var failures = InlineArray<13, Int>(repeating: 0)
    private var sheddings = InlineArray<3, Int>(repeating: 0)

    public init() {}

    /// How many failed for this reason.
    public subscript(failed reason: FailureReason) -> Int {
        get { failures[Int(reason.rawValue)] }
        set { failures[Int(reason.rawValue)] = newValue }
    }

    /// How many were shed for this reason.
    public subscript(shed reason: ShedReason) -> Int {
        get { sheddings[Int(reason.rawValue)] }
        set { sheddings[Int(reason.rawValue)] = newValue }
    }

    public var failed: Int { FailureReason.allCases.reduce(0) { $0 + self[failed: $1] } }
    public var shed: Int { ShedReason.allCases.reduce(0) { $0 + self[shed: $1] } }

    /// Whether everything that was captured stands in exactly one place.
    public var balances: Bool {
        captured == selected + notSelected && replayed == answered + silent + failed + shed + inFlight
    }

    public static func == (one: Account, other: Account) -> Bool {
        one.captured == other.captured && one.notSelected == other.notSelected && one.selected == other.selected
            && one.replayed == other.replayed && one.answered == other.answered && one.silent == other.silent
            && one.inFlight == other.inFlight
            && FailureReason.allCases.allSatisfy { one[failed: $0] == other[failed: $0] }
            && ShedReason.allCases.allSatisfy { one[shed: $0] == other[shed: $0] }
    }

    /// Adds another account, figure by figure: of another shard, or of another transfer.
    public static func += (one: inout Account, other: Account) {
        one.captured += other.captured
        one.notSelected += other.notSelected
        one.selected += other.selected
        one.replayed += other.replayed
        one.answered += other.answered
        one.silent += other.silent
        one.inFlight += other.inFlight
        for reason in FailureReason.allCases { one[failed: reason] += other[failed: reason] }
        for reason in ShedReason.allCases { one[shed: reason] += other[shed: reason] }
    }
}
