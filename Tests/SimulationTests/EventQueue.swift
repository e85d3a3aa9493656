import ReplayEngine

/// Events in the order of their time, and of their arrival where times are equal.
struct EventQueue<Event> {
    /// A binary heap of keys; the events themselves stay where they are.
    private struct Key {
        let at: Int64
        let order: Int
        let place: Int

        func isBefore(_ other: Key) -> Bool { at < other.at || (at == other.at && order < other.order) }
    }

    private var heap: [Key] = []
    private var events: [Event?] = []
    private var free: [Int] = []
    private var order = 0

    var nextTime: Instant { heap.isEmpty ? .never : Instant(nanoseconds: heap[0].at) }

    mutating func add(_ event: Event, at instant: Instant) {
        order += 1
        let place = free.popLast() ?? events.count
        if place == events.count { events.append(event) } else { events[place] = event }
        let key = Key(at: instant.nanoseconds, order: order, place: place)
        var child = heap.count
        heap.append(key)
        while child > 0, key.isBefore(heap[(child - 1) / 2]) {
            heap[child] = heap[(child - 1) / 2]
            child = (child - 1) / 2
        }
        heap[child] = key
    }

    mutating func removeFirst() -> Event {
        let first = heap[0]
        let last = heap.removeLast()
        if !heap.isEmpty { sink(last) }
        guard let event = events[first.place] else { preconditionFailure("a key stands for an event") }
        events[first.place] = nil
        free.append(first.place)
        return event
    }

    private mutating func sink(_ key: Key) {
        var parent = 0
        while 2 * parent + 1 < heap.count {
            var child = 2 * parent + 1
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(key) else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = key
    }
}
