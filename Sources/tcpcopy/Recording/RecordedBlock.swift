import LinkLayer
import Wire

/// Captured frames of one shard, written as pcapng already, on their way to the file.
struct RecordedBlock: Sendable {
    /// Where one frame's block lies, and when it was captured (nanoseconds since the epoch).
    struct Entry: Sendable {
        let timestamp: Int64
        let range: Range<Int>
    }

    private var blocks: PcapngBlocks
    private(set) var entries: [Entry] = []
    /// Frames that were put in.
    private(set) var frames = 0

    /// Bytes after which a block is handed over.
    static let size = 256 << 10
    /// Frames after which it is: empty segments fill `size` with fewer.
    private static let frameLimit = 4096

    init() {
        // One frame more than the size may go in.
        blocks = PcapngBlocks(capacity: Self.size + (64 << 10))
        entries.reserveCapacity(Self.frameLimit)
    }

    var byteCount: Int { blocks.byteCount }
    var isFull: Bool { byteCount >= Self.size || frames >= Self.frameLimit }

    /// - Parameter interface: its number in the file.
    mutating func add(_ frame: borrowing CapturedFrame, interface: Int) {
        let start = byteCount
        blocks.addPacket(
            frame.bytes, wireLength: frame.wireLength, timestamp: frame.timestamp, interface: interface)
        entries.append(Entry(timestamp: frame.timestamp, range: start..<byteCount))
        frames += 1
    }

    func bytes(of entry: Entry) -> ArraySlice<UInt8> { blocks[entry.range] }

    /// Takes out the frames up to an instant, in no order.
    mutating func takeEntries(until limit: Int64) -> [Entry] {
        let split = entries.partition { $0.timestamp <= limit }
        defer { entries.removeSubrange(split...) }
        return Array(entries[split...])
    }
}
