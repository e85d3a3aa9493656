import Wire

/// Which (address, port) pair of a pool a session gets: one that was never used, else the least recently used.
///
/// Pairs that were never used are not stored, so a large pool costs nothing until it is used.
struct PairAllotment {
    private let pool: AddressPool
    private let ports: [UInt16]
    private var fresh: UInt64 = 0
    /// Where among the ports the first round begins: another run, other pairs.
    private let start: Int
    private var released: [Endpoint] = []
    private var releasedHead = 0

    init(pool: AddressPool, ports: [UInt16], start: UInt64) {
        self.pool = pool
        self.ports = ports
        self.start = ports.isEmpty ? 0 : Int(start % UInt64(ports.count))
    }

    /// Takes the next pair; nil when all are in use.
    mutating func take() -> Endpoint? {
        if fresh < pool.count.multipliedReportingOverflow(by: UInt64(ports.count)).partialValue {
            let (turn, address) = fresh.quotientAndRemainder(dividingBy: pool.count)
            fresh += 1
            return Endpoint(pool[address], ports[(start + Int(turn)) % ports.count])
        }
        guard releasedHead < released.count else { return nil }
        defer { compact() }
        releasedHead += 1
        return released[releasedHead - 1]
    }

    /// Gives a pair back; it will be the last to be used again.
    mutating func giveBack(_ pair: Endpoint) { released.append(pair) }

    private mutating func compact() {
        guard releasedHead > 1024, releasedHead > released.count / 2 else { return }
        released.removeFirst(releasedHead)
        releasedHead = 0
    }
}
