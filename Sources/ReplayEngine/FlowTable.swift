import Wire

/// Finds a session by its flow: an open-addressing table of indices, whose keys stay in the sessions themselves.
///
/// Linear probing with backward-shift deletion, at most four fifths full, so a look-up touches one or two cache lines however
/// many sessions there are.
struct FlowTable: ~Copyable {
    private struct Slot {
        var hash: UInt32
        /// A session's index plus one; 0 for an empty slot.
        var reference: UInt32
    }

    private var slots = [Slot](repeating: Slot(hash: 0, reference: 0), count: 64)
    private(set) var count = 0

    private static func hash(_ flow: Flow) -> UInt32 { UInt32(truncatingIfNeeded: flow.mixed) }

    /// The index under `flow` for which `matches` holds: it compares the flow that the session has.
    func find(_ flow: Flow, where matches: (Int) -> Bool) -> Int? {
        let hash = Self.hash(flow)
        let mask = slots.count - 1
        var position = Int(hash) & mask
        while slots[position].reference != 0 {
            if slots[position].hash == hash, matches(Int(slots[position].reference) - 1) {
                return Int(slots[position].reference) - 1
            }
            position = (position + 1) & mask
        }
        return nil
    }

    /// Adds an index under a flow that the table does not hold with it yet.
    mutating func insert(_ flow: Flow, _ index: Int) {
        if (count + 1) * 5 > slots.count * 4 { grow() }
        place(Slot(hash: Self.hash(flow), reference: UInt32(index + 1)))
        count += 1
    }

    /// Takes an index out; false when it is not there.
    @discardableResult
    mutating func remove(_ flow: Flow, _ index: Int) -> Bool {
        let mask = slots.count - 1
        var position = Int(Self.hash(flow)) & mask
        while slots[position].reference != UInt32(index + 1) {
            if slots[position].reference == 0 { return false }
            position = (position + 1) & mask
        }
        count -= 1
        var hole = position
        var next = (hole + 1) & mask
        while slots[next].reference != 0 {
            let home = Int(slots[next].hash) & mask
            // Move it back unless its home lies cyclically in (hole, next].
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = Slot(hash: 0, reference: 0)
        return true
    }

    private mutating func place(_ slot: Slot) {
        let mask = slots.count - 1
        var position = Int(slot.hash) & mask
        while slots[position].reference != 0 { position = (position + 1) & mask }
        slots[position] = slot
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(hash: 0, reference: 0), count: old.count * 2)
        for slot in old where slot.reference != 0 { place(slot) }
    }
}
