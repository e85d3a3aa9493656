import ReplayEngine

/// Whether packets of a file have to wait because the target is behind.
struct Backlog {
    /// Whether the recording's times set the pace; otherwise the exchanges on their way do.
    private let hasPace: Bool
    private let payloadLimit: Int
    private var exchanges = 0
    private var payload = 0
    private var movedAt = Instant.zero

    /// Payload beyond which nothing more is fed, however much memory is allowed.
    private static let payloadLimit = 32 << 20
    /// Exchanges on their way at once, where nothing else sets the pace.
    private static let exchangeLimit = 1024
    /// The same where datagrams are copied: nothing slows their sender down, and a socket's buffer holds some hundreds.
    static let datagramLimit = 64
    /// When nothing has moved for so long, what is on its way may wait for what is still in the file.
    private static let stall = Interval.milliseconds(50)

    /// When nothing has moved for so long, what is missing in the file is waited for in vain.
    private static let patience = Interval.seconds(1)

    init(hasPace: Bool, memoryLimit: Int) {
        self.hasPace = hasPace
        payloadLimit = min(Self.payloadLimit, memoryLimit / 4)
    }

    /// Whether a batch of packets may be fed.
    mutating func allowsMore(_ replayer: borrowing Replayer, now: Instant) -> Bool {
        let (exchanges, payload) = (replayer.exchangesInFlight, replayer.payloadInUse)
        let moves = (exchanges, payload) != (self.exchanges, self.payload)
        if moves { (self.exchanges, self.payload, movedAt) = (exchanges, payload, now) }
        guard payload < payloadLimit else { return false }
        guard !hasPace, exchanges >= (replayer.copiesDatagrams ? Self.datagramLimit : Self.exchangeLimit) else {
            return true
        }
        guard !moves, now - movedAt >= Self.stall else { return false }
        movedAt = now
        return true
    }

    /// Whether what waits, and keeps packets from being fed, has not moved for so long.
    func isStuck(now: Instant) -> Bool { payload >= payloadLimit && now - movedAt >= Self.patience }
}
