/// All sessions' deadlines in one hierarchical wheel: arming, disarming and expiry cost the same for a million sessions
/// as for ten.
///
/// Five levels of 64 slots; a tick is 2¹⁷ ns (131 µs), so the wheel spans 39 hours. A deadline counts as due at the end
/// of its tick; one that lies further off than the wheel fires early and is armed again by its owner.
/// Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987.
struct TimerWheel: ~Copyable {
    private static let tickShift: Int64 = 17
    private static let levelBits = 6
    private static let slotCount = 64
    private static let levels = 5
    private static let none = UInt32.max

    private struct Link {
        var next = TimerWheel.none
        var previous = TimerWheel.none
        /// The low bits of its tick, which lies less than 2³⁰ ahead of the current one.
        var lowTick: UInt32 = 0
        /// Level and slot plus one; 0 when not armed.
        var place: UInt16 = 0
    }

    private var heads = [UInt32](repeating: TimerWheel.none, count: levels * slotCount)
    private var occupied = [UInt64](repeating: 0, count: levels)
    private var links: [Link] = []
    /// The next tick to look at.
    private var current: Int64

    init(now: Instant) { current = now.nanoseconds >> Self.tickShift }

    /// When the session's timer fires; `never` when it is not armed.
    func deadline(of session: Int) -> Instant {
        guard session < links.count, links[session].place != 0 else { return .never }
        return Instant(nanoseconds: (tick(of: session) + 1) << Self.tickShift)
    }

    /// Reads what arming a session will need.
    func link(of session: Int) -> UInt64 { session < links.count ? UInt64(links[session].lowTick) : 0 }

    /// Arms or rearms a session's timer.
    mutating func arm(_ session: Int, at deadline: Instant) {
        while links.count <= session { links.append(Link()) }
        if links[session].place != 0 { unlink(session) }
        let horizon = current + (Int64(1) << Int64(Self.levelBits * Self.levels)) - Int64(Self.slotCount)
        let tick = min(max(deadline.nanoseconds >> Self.tickShift, current), horizon)
        links[session].lowTick = UInt32(truncatingIfNeeded: tick)
        link(session)
    }

    private func tick(of session: Int) -> Int64 {
        current + Int64(links[session].lowTick &- UInt32(truncatingIfNeeded: current))
    }

    mutating func disarm(_ session: Int) {
        guard session < links.count, links[session].place != 0 else { return }
        unlink(session)
    }

    /// The session whose timer is due, disarmed; nil when none is.
    mutating func popExpired(now: Instant) -> Int? {
        let end = now.nanoseconds >> Self.tickShift
        while current < end {
            let slot = Int(current) & (Self.slotCount - 1)
            let head = heads[slot]
            if head != Self.none {
                unlink(Int(head))
                return Int(head)
            }
            advance(to: end)
        }
        return nil
    }

    /// When `popExpired` may have something next; never when nothing is armed.
    var nextDeadline: Instant {
        nextTick.map { Instant(nanoseconds: ($0 + 1) << Self.tickShift) } ?? .never
    }

    /// The first tick from the current one on at which a timer is due, or a slot of an upper level begins that has any.
    private var nextTick: Int64? {
        var earliest: Int64?
        for level in 0..<Self.levels where occupied[level] != 0 {
            let shift = Int64(Self.levelBits * level)
            // What stands in the current slot of an upper level lies a full turn ahead: its like was spread already.
            let position = (current >> shift) + (level == 0 ? 0 : 1)
            let start = UInt64(position & Int64(Self.slotCount - 1))
            let ahead = occupied[level] >> start | occupied[level] << ((64 - start) & 63)
            let tick = (position + Int64(ahead.trailingZeroBitCount)) << shift
            earliest = min(earliest ?? tick, tick)
        }
        return earliest
    }

    /// Steps to the next tick that has anything to do, at most to `end`.
    private mutating func advance(to end: Int64) {
        current = min(nextTick ?? end, end)
        if Int(current) & (Self.slotCount - 1) == 0 { cascade() }
    }

    /// Spreads the slots of the upper levels that begin at the current tick.
    private mutating func cascade() {
        for level in 1..<Self.levels {
            let position = current >> Int64(Self.levelBits * level)
            var session = heads[level * Self.slotCount + (Int(position) & (Self.slotCount - 1))]
            while session != Self.none {
                let next = links[Int(session)].next
                unlink(Int(session))
                link(Int(session))
                session = next
            }
            if position & Int64(Self.slotCount - 1) != 0 { return }
        }
    }

    private mutating func link(_ session: Int) {
        let tick = tick(of: session)
        let distance = tick - current
        var level = 0
        // The level at which the two differ by less than a full turn of slots.
        while level < Self.levels - 1, distance >> Int64(Self.levelBits * (level + 1)) != 0 { level += 1 }
        let slot = Int(tick >> Int64(Self.levelBits * level)) & (Self.slotCount - 1)
        let place = level * Self.slotCount + slot
        let head = heads[place]
        links[session].next = head
        links[session].previous = Self.none
        links[session].place = UInt16(place + 1)
        if head != Self.none { links[Int(head)].previous = UInt32(session) }
        heads[place] = UInt32(session)
        occupied[level] |= 1 << UInt64(slot)
    }

    private mutating func unlink(_ session: Int) {
        let link = links[session]
        let place = Int(link.place) - 1
        if link.previous == Self.none {
            heads[place] = link.next
        } else {
            links[Int(link.previous)].next = link.next
        }
        if link.next != Self.none { links[Int(link.next)].previous = link.previous }
        if heads[place] == Self.none {
            occupied[place / Self.slotCount] &= ~(1 << UInt64(place % Self.slotCount))
        }
        links[session].place = 0
    }
}
