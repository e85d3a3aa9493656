import Testing
import Wire

/// Every sequence of fragments of a small datagram, held to a naive model: which overlap, and what comes of the others.
@Suite struct FragmentOverlapTests {
    /// A fragment in blocks of eight bytes.
    private struct Cut: Equatable {
        let range: Range<Int>
        let isLast: Bool
    }

    private static let cuts = (0..<3).flatMap { start in
        (start + 1...3).flatMap { end in [true, false].map { Cut(range: start..<end, isLast: $0) } }
    }

    private enum Expected: Equatable { case waiting, whole(blocks: Int), refused, repeated }

    /// What comes of the last of `sequence`, after RFC 8200 and RFC 5722.
    private static func expected(_ sequence: [Cut]) -> Expected {
        var kept: [Cut] = []
        var outcome = Expected.waiting
        for cut in sequence {
            switch outcome {
            case .refused: continue
            case .whole:
                outcome = .repeated
                continue
            default: break
            }
            if outcome == .repeated, isWhole(kept) { continue }
            if kept.contains(cut) {
                outcome = .repeated
                continue
            }
            let end = (kept + [cut]).filter(\.isLast).map(\.range.upperBound)
            let contradicts =
                kept.contains { $0.range.overlaps(cut.range) } || end.count > 1
                || end.first.map { end in (kept + [cut]).contains { $0.range.upperBound > end } } ?? false
            kept.append(cut)
            outcome =
                contradicts ? .refused : isWhole(kept) ? .whole(blocks: kept.map(\.range.count).reduce(0, +)) : .waiting
        }
        return outcome
    }

    private static func isWhole(_ kept: [Cut]) -> Bool {
        guard let end = kept.first(where: \.isLast)?.range.upperBound else { return false }
        return kept.map(\.range.count).reduce(0, +) == end
    }

    @Test(arguments: SampleDatagram.Family.allCases)
    func `every sequence of up to four fragments of three blocks ends as the model says`(
        family: SampleDatagram.Family
    ) throws {
        let datagram = SampleDatagram(family: family, payload: (0..<24).map { UInt8($0) })
        // First and last at once is no fragment in IPv4.
        let cuts = Self.cuts.filter { family == .v6 || $0.range.lowerBound > 0 || !$0.isLast }
        let packets = cuts.map {
            datagram.fragment($0.range.lowerBound * 8..<$0.range.upperBound * 8, isLast: $0.isLast)
        }
        var outcomes: [Expected] = []
        func follow(_ sequence: [Int]) throws {
            var reassembler = FragmentReassembler()
            var whole: [UInt8]?
            var wholes = 0
            for index in sequence {
                whole = try reassembler.whole(packets[index])
                if whole != nil { wholes += 1 }
            }
            let expected = Self.expected(sequence.map { cuts[$0] })
            var context: Comment { "\(sequence.map { cuts[$0] })" }
            if case .whole(let blocks) = expected {
                #expect(whole?.suffix(blocks * 8) == datagram.payload[..<(blocks * 8)], context)
                #expect(whole?.count == datagram.whole.count - 24 + blocks * 8)
            } else {
                #expect(whole == nil, context)
            }
            if expected == .refused { #expect(reassembler.counts.overlapping > 0, context) }
            if expected == .repeated { #expect(reassembler.counts.repeated > 0, context) }
            if !outcomes.contains(expected) { outcomes.append(expected) }
            reassembler.removeAll()
            #expect(reassembler.accounted + wholes == sequence.count, context)
            guard sequence.count < 4 else { return }
            for index in packets.indices { try follow(sequence + [index]) }
        }
        for index in packets.indices { try follow([index]) }
        #expect(outcomes.count == (family == .v4 ? 5 : 6), "\(outcomes)")
    }

    @Test func `a fragment that brings other bytes for the same place ends its datagram`() throws {
        for family in SampleDatagram.Family.allCases {
            let datagram = SampleDatagram(family: family, payload: (0..<24).map { UInt8($0) })
            var reassembler = FragmentReassembler()
            #expect(try reassembler.whole(datagram.fragment(0..<8)) == nil)
            let other = datagram.fragment(0..<8, payload: Array(repeating: 0xff, count: 8))
            #expect(try reassembler.whole(other) == nil)
            #expect(try reassembler.whole(datagram.fragment(8..<24)) == nil)
            #expect(reassembler.counts.overlapping == 3 && reassembler.byteCount == 0)
        }
    }
}
