/// How much may be in flight: slow start, congestion avoidance and fast recovery (RFC 5681, RFC 6582).
struct CongestionWindow {
    private(set) var window: UInt32
    private var threshold = UInt32.max / 2
    private var segment: UInt32

    /// RFC 6928's initial window of ten segments, which Linux clients have too.
    init(segment: Int) {
        self.segment = UInt32(segment)
        window = 10 * UInt32(segment)
    }

    private static let largest: UInt32 = 1 << 30

    mutating func onAcknowledged(_ bytes: Int) {
        let acknowledged = UInt32(truncatingIfNeeded: min(bytes, 1 << 24))
        if window < threshold {
            window += acknowledged
        } else {
            window += max(1, UInt32(UInt64(segment) * UInt64(min(acknowledged, window)) / UInt64(window)))
        }
        window = min(window, Self.largest)
    }

    /// Three duplicate acknowledgements: half of what is in flight goes on.
    mutating func onLoss(inFlight: Int) {
        threshold = max(UInt32(truncatingIfNeeded: inFlight) / 2, 2 * segment)
        window = threshold + 3 * segment
    }

    /// A further duplicate acknowledgement: another segment has left the network.
    mutating func onDuplicate() { window = min(window + segment, Self.largest) }

    mutating func onPartial(_ bytes: Int) {
        let acknowledged = UInt32(truncatingIfNeeded: bytes)
        window = max(window > acknowledged ? window - acknowledged + segment : segment, segment)
    }

    mutating func onRecovered() { window = max(threshold, 2 * segment) }

    mutating func onTimeout(inFlight: Int) {
        threshold = max(UInt32(truncatingIfNeeded: inFlight) / 2, 2 * segment)
        window = segment
    }
}
