import Wire

/// Captured segments that wait for those that follow, so that the memory of all their sessions can be asked for at once:
/// see `Replayer+Foresight.swift`.
struct WaitingSegments: ~Copyable {
    struct Entry {
        var header: SegmentHeader
        var transfer: Int
        fileprivate var payload: Range<Int>
        var capturedAt: Instant
        var now: Instant
    }

    private(set) var entries: [Entry] = []
    /// Allocated with the first segment, once.
    private var bytes: [UInt8] = []
    private var used = 0

    static let limit = 32
    /// A longer payload is not worth a second copy.
    static let longestPayload = 2048

    var isEmpty: Bool { entries.isEmpty }
    var isFull: Bool { entries.count == Self.limit }

    /// Precondition: it is not full, and the payload not longer than `longestPayload`.
    mutating func append(
        _ header: SegmentHeader, payload: RawSpan, transfer: Int, capturedAt: Instant, now: Instant
    ) {
        if bytes.isEmpty {
            bytes = [UInt8](repeating: 0, count: Self.limit * Self.longestPayload)
            entries.reserveCapacity(Self.limit)
        }
        let range = used..<used + payload.byteCount
        used = range.upperBound
        var span = bytes.mutableRawSpan
        span.copy(payload, to: range.lowerBound)
        entries.append(
            Entry(header: header, transfer: transfer, payload: range, capturedAt: capturedAt, now: now))
    }

    @_lifetime(borrow self)
    func payload(_ index: Int) -> RawSpan { bytes.rawSpan.extracting(entries[index].payload) }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        used = 0
    }
}
