/// Puts the fragments of IP datagrams together again, in any order in which they come (RFC 791, RFC 8200, section 4.5).
///
/// Only exact repetitions of a fragment are passed over. Any other overlap ends the datagram, as RFC 5722 demands it for
/// IPv6 and Linux does it for IPv4 too: who sends such things wants two readers to see two different packets.
///
/// Its memory is bounded; the oldest datagrams make room. Packets that are no fragments never come near it:
///
/// ```
/// catch where error.kind == .fragment {
///     if try fragments.take(packet, wireLength: length, now: now) { fragments.lendWhole { … } }
/// }
/// ```
public struct FragmentReassembler: ~Copyable {
    public private(set) var counts = FragmentCounts()
    /// Bytes held for datagrams that are not whole.
    public private(set) var byteCount = 0
    /// A ring: the datagram with the number n is at n modulo the capacity.
    private var datagrams: [FragmentedDatagram] = []
    private var numbers: [IPFragment.Datagram: Int] = [:]
    /// The numbers in use are `oldest..<next`.
    private var oldest = 0
    private var next = 0
    /// The last datagram that became whole.
    private var whole: [UInt8] = []
    private var wholeLength = 0

    /// Datagrams that are known at once.
    public static let capacity = 4096
    public static let byteLimit = 4 << 20
    /// In nanoseconds, from the first fragment that came. RFC 8200 says 60 s; Linux waits for 30.
    public static let patience: Int64 = 30_000_000_000
    /// In nanoseconds: how long fragments of a finished datagram are taken for repetitions. Later an identification may
    /// be in use again: IPv4 has 65,536 of them.
    public static let memory: Int64 = 100_000_000

    public init() {}

    /// Takes a fragment.
    ///
    /// - Parameters:
    ///   - packet: the captured bytes, from the IP header on.
    ///   - wireLength: bytes that were on the wire from there on.
    ///   - now: in nanoseconds, of whatever clock; it may be set back.
    /// - Returns: whether a datagram is whole now, to be had from `lendWhole`.
    /// - Throws: what can't be a fragment.
    public mutating func take(_ packet: RawSpan, wireLength: Int, now: Int64) throws(WireError) -> Bool {
        let fragment = try IPFragment(packet, wireLength: wireLength)
        dropExpired(now: now)
        while byteCount + FragmentedDatagram.cost(of: fragment) > Self.byteLimit, oldest < next { dropOldest() }
        let slot = slot(of: fragment.datagram, now: now)
        guard !datagrams[slot].isDone else {
            if datagrams[slot].isRefused { counts.overlapping += 1 } else { counts.repeated += 1 }
            return false
        }
        byteCount -= datagrams[slot].byteCount
        defer { byteCount += datagrams[slot].byteCount }
        switch datagrams[slot].add(fragment) {
        case .incomplete: return false
        case .repeated:
            counts.repeated += 1
            return false
        case .overlapping:
            counts.overlapping += datagrams[slot].pieces.count + 1
            datagrams[slot].finish(isRefused: true)
            return false
        case .whole:
            counts.joined += datagrams[slot].pieces.count - 1
            wholeLength = datagrams[slot].write(to: &whole)
            datagrams[slot].finish(isRefused: false)
            return true
        }
    }

    /// Lends the datagram that the last `take` made whole: a packet as if it had never been cut, and its length on the wire, to which the
    /// snapshot length may have left it short.
    public func lendWhole(to body: (RawSpan, _ wireLength: Int) -> Void) { body(whole.rawSpan, wholeLength) }

    /// Waits for no fragment any more.
    public mutating func removeAll() {
        while oldest < next { dropOldest() }
    }

    /// Where the datagram is, begun if it is new.
    private mutating func slot(of key: IPFragment.Datagram, now: Int64) -> Int {
        if let number = numbers[key] {
            let slot = number % Self.capacity
            let age = now &- datagrams[slot].since
            guard datagrams[slot].isDone, !datagrams[slot].isRefused, age > Self.memory else { return slot }
        }
        if next - oldest == Self.capacity { dropOldest() }
        let slot = next % Self.capacity
        let datagram = FragmentedDatagram(key, since: now)
        if slot == datagrams.count { datagrams.append(datagram) } else { datagrams[slot] = datagram }
        numbers[key] = next
        next += 1
        return slot
    }

    private mutating func dropExpired(now: Int64) {
        while oldest < next, now &- datagrams[oldest % Self.capacity].since > Self.patience {
            counts.timedOut += drop(oldest)
        }
    }

    private mutating func dropOldest() { counts.abandoned += drop(oldest) }

    /// Forgets the oldest datagram; returns how many fragments had waited in it.
    private mutating func drop(_ number: Int) -> Int {
        let slot = number % Self.capacity
        let key = datagrams[slot].key
        if numbers[key] == number { numbers[key] = nil }
        defer { byteCount += datagrams[slot].byteCount }
        byteCount -= datagrams[slot].byteCount
        let waiting = datagrams[slot].pieces.count
        datagrams[slot].finish(isRefused: false)
        oldest += 1
        return waiting
    }
}
