import Wire

/// Finds a session by its flow, as captured or as replayed: an open-addressing table of indices, whose keys stay in the
/// sessions themselves.
///
/// Only the client's address and port decide where an entry stands. So a session that keeps its client's pair has one entry for
/// both flows, and the answer's look-up finds in the cache what the request's brought there. Linear probing with
/// backward-shift deletion, at most four fifths full: a look-up touches one or two cache lines however many sessions there are.
struct FlowTable: ~Copyable {
    /// Which of a session's flows an entry stands for; one entry may stand for both.
    enum Side: UInt32 {
        case captured = 1
        case replayed = 2
    }

    private struct Slot {
        var hash: UInt32 = 0
        /// A session's index plus one, in the upper 30 bits, and its sides; 0 for an empty slot.
        var reference: UInt32 = 0

        init() {}

        init(hash: UInt32, index: Int, side: Side) {
            self.hash = hash
            reference = UInt32(index + 1) << 2 | side.rawValue
        }

        var isEmpty: Bool { reference == 0 }
        var index: Int { Int(reference >> 2) - 1 }
        var hasNoSide: Bool { reference & 3 == 0 }

        func stands(for side: Side) -> Bool { reference & side.rawValue != 0 }
    }

    private var slots = [Slot](repeating: Slot(), count: 64)
    private var used = 0
    /// Entries of each side.
    private(set) var capturedCount = 0
    private(set) var replayedCount = 0

    private static func hash(_ flow: Flow) -> UInt32 { UInt32(truncatingIfNeeded: flow.source.mixed) }

    /// Reads the slot at which a look-up begins.
    func home(of flow: Flow) -> UInt64 { UInt64(slots[Int(Self.hash(flow)) & (slots.count - 1)].reference) }

    /// The index under `flow` for which `matches` holds: it compares the flow that the session has on this side.
    func find(_ flow: Flow, _ side: Side, where matches: (Int) -> Bool) -> Int? {
        let hash = Self.hash(flow)
        let mask = slots.count - 1
        var position = Int(hash) & mask
        while !slots[position].isEmpty {
            let slot = slots[position]
            if slot.hash == hash, slot.stands(for: side), matches(slot.index) { return slot.index }
            position = (position + 1) & mask
        }
        return nil
    }

    /// An index that stands under `flow` most likely: its flow is not compared, so the session is not touched.
    func guess(_ flow: Flow) -> Int? {
        let hash = Self.hash(flow)
        let mask = slots.count - 1
        var position = Int(hash) & mask
        while !slots[position].isEmpty {
            if slots[position].hash == hash { return slots[position].index }
            position = (position + 1) & mask
        }
        return nil
    }

    /// Adds an index under a flow that the table does not hold with it on this side yet.
    mutating func insert(_ flow: Flow, _ index: Int, _ side: Side) {
        if (used + 1) * 5 > slots.count * 4 { grow() }
        count(1, side)
        let hash = Self.hash(flow)
        let position = position(of: index, hash: hash)
        if slots[position].isEmpty {
            slots[position] = Slot(hash: hash, index: index, side: side)
            used += 1
        } else {
            slots[position].reference |= side.rawValue
        }
    }

    /// Takes an index out; false when it is not there on this side.
    @discardableResult
    mutating func remove(_ flow: Flow, _ index: Int, _ side: Side) -> Bool {
        let position = position(of: index, hash: Self.hash(flow))
        guard slots[position].stands(for: side) else { return false }
        count(-1, side)
        slots[position].reference &= ~side.rawValue
        if slots[position].hasNoSide { empty(position) }
        return true
    }

    private mutating func count(_ change: Int, _ side: Side) {
        switch side {
        case .captured: capturedCount += change
        case .replayed: replayedCount += change
        }
    }

    /// Where the index stands with this hash, or the empty slot where it would.
    private func position(of index: Int, hash: UInt32) -> Int {
        let mask = slots.count - 1
        var position = Int(hash) & mask
        while !slots[position].isEmpty, slots[position].hash != hash || slots[position].index != index {
            position = (position + 1) & mask
        }
        return position
    }

    /// Empties a slot, and moves back what stands behind it for want of a better place.
    private mutating func empty(_ position: Int) {
        let mask = slots.count - 1
        used -= 1
        var hole = position
        var next = (hole + 1) & mask
        while !slots[next].isEmpty {
            let home = Int(slots[next].hash) & mask
            // Move it back unless its home lies cyclically in (hole, next].
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = Slot()
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        let mask = slots.count - 1
        for slot in old where !slot.isEmpty {
            var position = Int(slot.hash) & mask
            while !slots[position].isEmpty { position = (position + 1) & mask }
            slots[position] = slot
        }
    }
}
