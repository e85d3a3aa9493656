import Wire

/// Captured datagrams of one transfer that wait to be sent, in the order of their capture.
///
/// Payloads lie one after another in one buffer, which is used from its start again whenever the queue is empty: live, that
/// is after every batch.
struct DatagramQueue {
    struct Entry {
        /// The first copy of its flow.
        let flow: Int32
        /// The copy that is to be sent next.
        var nextCopy: Int32
        /// Not to be sent before.
        let due: Instant
        let payloadLength: Int
        fileprivate let offset: Int
    }

    private var entries: [Entry] = []
    private var head = 0
    private var bytes: [UInt8] = []

    /// What an entry takes beside its payload.
    static let bytesPerEntry = MemoryLayout<Entry>.stride
    /// Below so many bytes a buffer is kept when the queue is empty.
    private static let keptCapacity = 1 << 20

    var isEmpty: Bool { head == entries.count }
    var count: Int { entries.count - head }
    /// The one that is next; nil when there is none.
    var first: Entry? { isEmpty ? nil : entries[head] }

    mutating func append(_ payload: RawSpan, flow: Int, due: Instant) {
        let offset = bytes.count
        entries.append(
            Entry(
                flow: Int32(flow), nextCopy: Int32(flow), due: due, payloadLength: payload.byteCount, offset: offset))
        bytes.append(contentsOf: repeatElement(0, count: payload.byteCount))
        var span = bytes.mutableRawSpan
        span.copy(payload, to: offset)
    }

    /// Writes the first one into `batch`, on `flow`.
    func write(
        to batch: inout PacketBatch, on flow: Flow, packetSize: Int, identification: UInt32, target: Int
    ) {
        let entry = entries[head]
        let payload = bytes.rawSpan.extracting(entry.offset..<entry.offset + entry.payloadLength)
        batch.writeDatagram(
            flow, payload: payload, packetSize: packetSize, identification: identification, target: target)
    }

    /// The first one's next copy is this one.
    mutating func advanceFirst(to copy: Int32) { entries[head].nextCopy = copy }

    mutating func removeFirst() {
        head += 1
        if isEmpty {
            let isLarge = bytes.count > Self.keptCapacity
            bytes.removeAll(keepingCapacity: !isLarge)
            entries.removeAll(keepingCapacity: !isLarge)
            head = 0
        } else if head >= 1024, head > entries.count / 2 {
            compact()
        }
    }

    /// Moves what is left to the front: each byte is moved at most as often as others were dropped.
    private mutating func compact() {
        let start = entries[head].offset
        bytes.removeFirst(start)
        entries = entries[head...].map {
            Entry(
                flow: $0.flow, nextCopy: $0.nextCopy, due: $0.due, payloadLength: $0.payloadLength,
                offset: $0.offset - start)
        }
        head = 0
    }
}
