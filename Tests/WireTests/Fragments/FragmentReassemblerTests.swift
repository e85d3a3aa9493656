import Testing
import Wire

@Suite struct FragmentReassemblerTests {
    /// Five blocks, the last of them short.
    private func datagram(_ family: SampleDatagram.Family) -> SampleDatagram {
        SampleDatagram(family: family, payload: (0..<37).map { UInt8($0) })
    }

    @Test(arguments: SampleDatagram.Family.allCases)
    func `every way to cut a datagram and every order of its fragments give it back`(
        family: SampleDatagram.Family
    ) throws {
        let datagram = datagram(family)
        var reassembler = FragmentReassembler()
        var identification: UInt32 = 0
        for cuts in 1..<16 {
            let places = (0..<4).filter { cuts >> $0 & 1 == 1 }.map { ($0 + 1) * 8 }
            for order in permutations(Array(0...places.count)) {
                identification += 1
                var own = datagram
                own.identification = identification
                let fragments = own.fragments(cutAt: places)
                for index in order.dropLast() { #expect(try reassembler.whole(fragments[index]) == nil) }
                var whole = own.whole
                if family == .v4 { whole.replaceSubrange(4..<6, with: Sample.big(UInt16(identification))) }
                #expect(
                    try reassembler.whole(fragments[order.last ?? 0]) == whole, "cut at \(places) in order \(order)")
                #expect(reassembler.wholeWireLength == whole.count)
                #expect(reassembler.byteCount == 0)
            }
        }
    }

    private func permutations(_ items: [Int]) -> [[Int]] {
        guard !items.isEmpty else { return [[]] }
        return items.flatMap { item in permutations(items.filter { $0 != item }).map { [item] + $0 } }
    }

    @Test func `a TCP segment cut within its header is read from the whole packet`() throws {
        for family in SampleDatagram.Family.allCases {
            let datagram = SampleDatagram(family: family, payload: Sample.tcp())
            var reassembler = FragmentReassembler()
            for fragment in datagram.fragments(cutAt: [8]).dropLast() {
                #expect(throws: WireError.self) {
                    _ = try TCPSegment(frame: fragment.rawSpan, linkType: .raw, wireLength: fragment.count)
                }
                #expect(try reassembler.whole(fragment) == nil)
            }
            let whole = try #require(try reassembler.whole(datagram.fragments(cutAt: [8])[1]))
            let segment = try TCPSegment(frame: whole.rawSpan, linkType: .raw, wireLength: whole.count)
            #expect(segment.header.payloadLength == 5 && segment.payload.byteCount == 5)
        }
    }

    @Test func `a repeated fragment is passed over, before its datagram is whole and shortly after`() throws {
        for family in SampleDatagram.Family.allCases {
            let fragments = datagram(family).fragments(cutAt: [8, 24])
            var reassembler = FragmentReassembler()
            for fragment in [fragments[2], fragments[2], fragments[0], fragments[0]] {
                #expect(try reassembler.whole(fragment) == nil)
            }
            #expect(try reassembler.whole(fragments[1]) != nil)
            for fragment in fragments {
                #expect(try reassembler.whole(fragment, now: FragmentReassembler.memory) == nil)
            }
            #expect(reassembler.counts.repeated == 5 && reassembler.counts.joined == 2)
            // An identification that is used again later is that of another datagram.
            for fragment in fragments.dropLast() {
                #expect(try reassembler.whole(fragment, now: FragmentReassembler.memory + 1) == nil)
            }
            #expect(try reassembler.whole(fragments[2], now: FragmentReassembler.memory + 1) != nil)
        }
    }

    @Test func `datagrams that differ in protocol, identification or address are kept apart`() throws {
        let one = datagram(.v4)
        var (udp, next) = (one, one)
        udp.transport = 17
        next.identification += 1
        var reassembler = FragmentReassembler()
        for part in 0...1 {
            for datagram in [one, udp, next, datagram(.v6)] {
                let whole = try reassembler.whole(datagram.fragments(cutAt: [16])[part])
                #expect((whole != nil) == (part == 1))
                if let whole { #expect(whole[20...].suffix(37) == datagram.payload[...]) }
            }
        }
    }

    @Test func `IPv6 tells its datagrams apart without their protocol`() throws {
        var (first, second) = (datagram(.v6), datagram(.v6))
        first.transport = 6
        second.transport = 17
        var reassembler = FragmentReassembler()
        #expect(try reassembler.whole(first.fragments(cutAt: [16])[0]) == nil)
        let whole = try #require(try reassembler.whole(second.fragments(cutAt: [16])[1]))
        #expect(whole[6] == 6, "the first fragment's next header counts")
    }

    @Test func `extension headers before the fragment header stay, with the right next header`() throws {
        let payload = [UInt8](repeating: 9, count: 40)
        func fragment(_ range: Range<Int>, more: UInt16) -> [UInt8] {
            let place = Sample.big(UInt16(range.lowerBound) | more) + Sample.big(UInt32(7))
            return Sample.ipv6(
                Array(payload[range]),
                extensions: [.hopByHop, .destinationOptions, Sample.Extension(number: 44, content: place)])
        }
        var reassembler = FragmentReassembler()
        #expect(try reassembler.whole(fragment(24..<40, more: 0)) == nil)
        let whole = try reassembler.whole(fragment(0..<24, more: 1))
        #expect(whole == Sample.ipv6(payload, extensions: [.hopByHop, .destinationOptions]))
    }

    @Test func `what the snapshot length cut ends the packet there, and its length on the wire is told`() throws {
        for family in SampleDatagram.Family.allCases {
            let datagram = datagram(family)
            let fragments = datagram.fragments(cutAt: [8, 24])
            var reassembler = FragmentReassembler()
            #expect(try reassembler.whole(fragments[0]) == nil)
            #expect(try reassembler.whole(fragments[1], captured: fragments[1].count - 6) == nil)
            let whole = try #require(try reassembler.whole(fragments[2]))
            #expect(whole.count == datagram.whole.count - 37 + 18)
            #expect(reassembler.wholeWireLength == datagram.whole.count)
        }
    }

    @Test func `padding behind a fragment is none of its bytes`() throws {
        let fragments = datagram(.v4).fragments(cutAt: [8])
        var reassembler = FragmentReassembler()
        for (index, fragment) in fragments.enumerated() {
            let padded = fragment + [UInt8](repeating: 0xee, count: 18)
            #expect(try reassembler.whole(padded)?.suffix(37) == (index == 1 ? datagram(.v4).payload[...] : nil))
        }
    }

    @Test func `the rest of a datagram is waited for half a minute`() throws {
        let fragments = datagram(.v4).fragments(cutAt: [8])
        var reassembler = FragmentReassembler()
        #expect(try reassembler.whole(fragments[0], now: 5) == nil)
        #expect(try reassembler.whole(fragments[1], now: FragmentReassembler.patience + 5) != nil)
        #expect(try reassembler.whole(datagram(.v6).fragments(cutAt: [8])[0], now: 5) == nil)
        #expect(
            try reassembler.whole(datagram(.v6).fragments(cutAt: [8])[1], now: FragmentReassembler.patience + 6) == nil)
        #expect(reassembler.counts.timedOut == 1)
        reassembler.removeAll()
        #expect(reassembler.counts.abandoned == 1 && reassembler.byteCount == 0)
    }

    @Test func `a clock at the ends of time, or set back, loses nothing that comes together`() throws {
        var reassembler = FragmentReassembler()
        for (number, now) in [Int64.max, .min, 0, -1, .max, .min].enumerated() {
            var datagram = datagram(.v4)
            datagram.identification = UInt32(number)
            #expect(try reassembler.whole(datagram.fragments(cutAt: [8])[0], now: now) == nil)
            #expect(try reassembler.whole(datagram.fragments(cutAt: [8])[1], now: now) != nil)
        }
    }

    @Test func `what no datagram can hold is refused`() {
        let one = datagram(.v4)
        let long = SampleDatagram(family: .v6, payload: [UInt8](repeating: 1, count: 40))
        for packet in [
            one.fragment(8..<20, isLast: false), one.fragment(8..<8, isLast: true, payload: []),
            one.fragment(65_528..<65_536, isLast: true, payload: Array(repeating: 1, count: 8)),
            long.fragment(65_528..<65_536, isLast: true, payload: Array(repeating: 1, count: 8)),
            long.fragment(8..<20, isLast: false), long.fragment(0..<0, isLast: false, payload: []),
        ] {
            var reassembler = FragmentReassembler()
            #expect(throws: WireError(.badLength, at: 0)) { _ = try reassembler.whole(packet) }
            #expect(reassembler.byteCount == 0)
        }
    }

    @Test func `fragments that never come whole fill no more than the limits, and the oldest make room`() throws {
        var reassembler = FragmentReassembler()
        let count = FragmentReassembler.capacity + 1_000
        for number in 0..<count {
            var datagram = SampleDatagram(family: .v6, payload: [UInt8](repeating: 1, count: 1_408))
            datagram.identification = UInt32(number)
            #expect(try reassembler.whole(datagram.fragment(0..<1_400)) == nil)
            #expect(reassembler.byteCount <= FragmentReassembler.byteLimit)
        }
        #expect(reassembler.byteCount > FragmentReassembler.byteLimit - 2_000)
        reassembler.removeAll()
        #expect(reassembler.counts.abandoned == count)
    }
}
