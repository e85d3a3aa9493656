import Wire

/// Fast retransmit and fast recovery: which bytes are sent again before the timer says so.
///
/// With SACK the holes between the reported blocks go, one for each acknowledgement that arrives; without it one segment
/// for the third duplicate and one for each partial acknowledgement. Sources: RFC 5681, section 3.2; RFC 6582; RFC 2018.
struct LossRecovery {
    private enum Phase {
        case open
        /// Until this number is acknowledged (RFC 6582's "recover").
        case recovering(until: SequenceNumber)
        /// The timer fired: what was sent up to here is under way again and its duplicates prove nothing
        /// (RFC 6582, section 4).
        case restarted(until: SequenceNumber)
    }

    enum Outcome {
        case ordinary, partial, recovered
    }

    private var phase = Phase.open
    private var duplicates: UInt8 = 0
    /// What the target holds beyond its acknowledgement; empty, and then not allocated, unless something was lost.
    private var sacked: [SequenceRange] = []
    /// The next byte that is looked at, to send it again.
    private var next = SequenceNumber(0)
    private var credit: UInt8 = 0

    static let duplicateThreshold: UInt8 = 3

    var isRecovering: Bool {
        if case .recovering = phase { return true }
        return false
    }

    /// The blocks of an acknowledgement; what lies outside the bytes sent is none of ours.
    mutating func onBlocks(_ blocks: SACKBlocks, unacknowledged: SequenceNumber, highest: SequenceNumber) {
        sacked = []
        for index in 0..<blocks.count
        where unacknowledged.precedes(blocks[index].start) && blocks[index].start.precedes(blocks[index].end)
            && blocks[index].end.precedesOrEquals(highest)
        {
            sacked.append(blocks[index])
        }
    }

    /// New bytes were acknowledged.
    mutating func onProgress(_ acknowledgement: SequenceNumber) -> Outcome {
        duplicates = 0
        switch phase {
        case .open: return .ordinary
        case .restarted(let until):
            if until.precedesOrEquals(acknowledgement) { phase = .open }
            return .ordinary
        case .recovering(let until):
            guard acknowledgement.precedes(until) else {
                phase = .open
                credit = 0
                return .recovered
            }
            // RFC 6582, section 3.2, step 3: the next hole goes at once.
            next = sacked.isEmpty ? acknowledgement : SequenceNumber.later(next, acknowledgement)
            grant()
            return .partial
        }
    }

    /// A duplicate acknowledgement. True for the one that begins fast recovery.
    mutating func onDuplicate(unacknowledged: SequenceNumber, highest: SequenceNumber) -> Bool {
        switch phase {
        case .restarted: return false
        case .recovering:
            if !sacked.isEmpty { grant() }
            return false
        case .open:
            duplicates += 1
            guard duplicates == Self.duplicateThreshold else { return false }
            phase = .recovering(until: highest)
            next = unacknowledged
            credit = 1
            return true
        }
    }

    /// The retransmission timer fired; the receiver may have dropped what it reported (RFC 2018, section 8).
    mutating func onTimeout(highest: SequenceNumber) {
        phase = .restarted(until: highest)
        duplicates = 0
        sacked = []
        credit = 0
    }

    private mutating func grant() { credit = min(credit + 1, 200) }

    /// The bytes to send again now, at most a segment; nil when there are none. An empty range stands for the FIN.
    ///
    /// - Parameter limit: where the bytes end.
    mutating func takeHole(
        from unacknowledged: SequenceNumber, to limit: SequenceNumber, segment: Int
    ) -> SequenceRange? {
        guard case .recovering(let until) = phase, credit > 0 else { return nil }
        credit -= 1
        let start = firstMissing(from: SequenceNumber.later(next, unacknowledged))
        guard start.precedes(until) else { return nil }
        // Beyond the highest block nothing is known to be lost.
        guard sacked.isEmpty || start.precedes(highestSacked(above: start)) else { return nil }
        let length = min(segment, start.distance(to: until), start.distance(to: limit), distanceToSacked(from: start))
        next = start.advanced(by: length)
        return SequenceRange(start, next)
    }

    /// The first byte from here on that the receiver has not reported.
    func firstMissing(from start: SequenceNumber) -> SequenceNumber {
        var position = start
        for _ in 0..<sacked.count {
            for index in 0..<sacked.count
            where sacked[index].start.precedesOrEquals(position) && position.precedes(sacked[index].end) {
                position = sacked[index].end
            }
        }
        return position
    }

    private func highestSacked(above start: SequenceNumber) -> SequenceNumber {
        (0..<sacked.count).reduce(start) { SequenceNumber.later($0, sacked[$1].end) }
    }

    private func distanceToSacked(from position: SequenceNumber) -> Int {
        (0..<sacked.count).reduce(Int.max) { nearest, index in
            let distance = position.distance(to: sacked[index].start)
            return distance > 0 ? min(nearest, distance) : nearest
        }
    }
}
