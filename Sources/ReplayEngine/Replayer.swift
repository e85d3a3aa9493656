import Wire

/// The replay engine of one shard: owns all sessions, decides everything, does no I/O.
///
/// Getters; `handle…(…, now:)` for what happened; commands; `poll…` for what to do next. After any `handle…` the caller
/// polls packets until none are left, and calls `handleTimeout` when `nextDeadline` has come. Times passed must never go
/// back. All randomness comes from the seed.
public struct Replayer: ~Copyable {
    var sessions: [Session] = []
    var freeIndices: [Int] = []
    /// By the client's flow as captured, and by the flow as replayed (client to target).
    var table = FlowTable()
    var resources: ReplayResources
    var wheel: TimerWheel
    /// When holes in what was captured count as final, where the capture has a clock of its own.
    var holes = TimerWheel(now: .zero)
    var ready: [Int32] = []
    var readyHead = 0
    var releases: [Flow] = []
    var pairs: ReplayPairs
    let selection: Selection
    var datagrams: DatagramReplayer
    /// See `Replayer+Foresight.swift`.
    var waiting = WaitingSegments()
    var expired: [Int32] = []
    var foreseen: UInt64 = 0
    var foresightFrom = Self.foresightThreshold
    /// The session that began last.
    var newest: Int32 = -1
    var generator: SplitMix64
    let startedAt: Instant
    /// Where exchanges begin of connections that were open before, until the first of them is captured.
    var beginnings: [Flow: SequenceNumber] = [:]
    /// Until then what is seen first of a connection may be the rest of an exchange.
    private(set) var guardedUntil: Instant

    /// A first payload seen this long after the start begins an exchange: an earlier one's bytes would have been seen.
    public static let startGuard = Interval.milliseconds(500)

    public init(settings: ReplaySettings, now: Instant) {
        resources = ReplayResources(settings: settings)
        wheel = TimerWheel(now: now)
        generator = SplitMix64(seed: settings.seed)
        pairs = ReplayPairs(settings, start: generator.next())
        datagrams = DatagramReplayer(settings, seed: generator.next())
        selection = Selection(percent: settings.percent, ramps: settings.ramps, startedAt: now)
        startedAt = now
        guardedUntil = now + Self.startGuard
    }

    /// What is captured begins anew, as a file does: until `instant` what is seen first of a connection may be the rest of an
    /// exchange that began before.
    public mutating func guardStart(until instant: Instant) {
        guard instant != guardedUntil else { return }
        takeWaiting()
        guardedUntil = instant
    }

    public var settings: ReplaySettings { resources.settings }

    /// From now on captured segments may be handed in this much later than others that followed them.
    public mutating func expectCaptureSkew(_ skew: Interval) { resources.settings.captureSkew = skew }

    /// What became of everything, for each transfer.
    public var ledgers: [Ledger] { resources.ledgers }

    /// Captured and relayed segments that concern no session.
    public var ignored: IgnoredCounts { resources.ignored }

    /// Sessions that are not accounted for yet, or that still answer the target's last segments.
    public var liveSessions: Int { table.capturedCount }

    /// Bytes of payload that wait.
    public var payloadInUse: Int { resources.payload.bytesInUse + datagrams.queuedBytes }

    /// Whether some transfer is of UDP.
    public var copiesDatagrams: Bool { datagrams.isUsed }

    /// Datagrams, times their copies, that were captured and are neither answered nor given up yet.
    public var datagramsInFlight: Int { datagrams.inFlight }

    /// Exchanges captured and neither answered nor failed yet.
    public var exchangesInFlight: Int {
        resources.ledgers.indices.reduce(0) { $0 + resources.ledgers[$1].exchanges.inFlight }
    }

    /// Whether every session has ended, so that a stopping program may go.
    public var isQuiet: Bool {
        resources.ledgers.allSatisfy { $0.sessions.inFlight == 0 && $0.exchanges.inFlight == 0 } && ready.isEmpty
            && waiting.isEmpty && datagrams.inFlight == 0
    }

    /// Whether anything waits to hear from a target: a turn, bytes that its window has no room for, or the target itself, in the
    /// midst of a long answer, for acknowledgements. While nothing does, headers may be handed in some milliseconds late.
    public func isListening(now: Instant) -> Bool { resources.listeners > 0 || now < resources.longAnswerUntil }

    /// When `handleTimeout` has something to do; may be early, never late.
    public var nextDeadline: Instant {
        let deadline = min(wheel.nextDeadline, datagrams.nextDeadline)
        guard resources.reach == .whole else { return deadline }
        return resources.admissions.reduce(deadline) { min($0, $1.reportDeadline) }
    }

    /// Whether packets, or decisions about them, wait for `pollPackets`.
    public var hasWork: Bool { readyHead < ready.count || !waiting.isEmpty || datagrams.hasWork }
}

/// A small seeded generator (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
