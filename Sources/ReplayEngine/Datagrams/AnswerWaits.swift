/// The datagrams whose answers are awaited, of all flows, in the order in which they were sent.
///
/// All wait equally long, so the order is that of the deadlines too. An answer is entered in its flow; the entry goes when
/// it comes to the front.
struct AnswerWaits {
    struct Entry {
        let flow: Int32
        let deadline: Instant
    }

    /// How long an answer is awaited.
    static let patience = Interval.seconds(5)
    /// Deadlines fall together, so that not every silent datagram costs an alarm.
    private static let grain: Int64 = 50_000_000
    static let bytesPerEntry = MemoryLayout<Entry>.stride

    private var entries: [Entry] = []
    private var head = 0

    var count: Int { entries.count - head }
    var first: Entry? { head == entries.count ? nil : entries[head] }

    mutating func append(flow: Int, now: Instant, patience: Interval) {
        let deadline = (now + patience).nanoseconds
        let rounded = deadline.addingReportingOverflow(Self.grain - 1).partialValue / Self.grain * Self.grain
        entries.append(Entry(flow: Int32(flow), deadline: Instant(nanoseconds: max(deadline, rounded))))
    }

    mutating func removeFirst() {
        head += 1
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 4096, head > entries.count / 2 {
            entries.removeFirst(head)
            head = 0
        }
    }
}
