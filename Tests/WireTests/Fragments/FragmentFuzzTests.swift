import Testing
import Wire

/// Fragments that nobody meant: nothing traps, memory stays within its limit, and each ends in one bin.
@Suite struct FragmentFuzzTests {
    @Test(arguments: [UInt64(1), 2, 3])
    func `mutated fragments are taken or refused`(_ seed: UInt64) {
        var generator = SplitMix(seed: seed)
        var reassembler = FragmentReassembler()
        var (whole, refused, taken, now) = (0, 0, 0, Int64(0))
        for _ in 0..<15_000 {
            let family: SampleDatagram.Family = Bool.random(using: &generator) ? .v4 : .v6
            var datagram = SampleDatagram(family: family, payload: Sample.tcp([UInt8](repeating: 7, count: 200)))
            datagram.identification = UInt32.random(in: 0..<16, using: &generator)
            let start = Int.random(in: 0..<4, using: &generator) * 64
            var packet = datagram.fragment(start..<min(220, start + 64 * Int.random(in: 1...2, using: &generator)))
            if Int.random(in: 0..<4, using: &generator) == 0 {
                packet[Int.random(in: packet.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let captured =
                Int.random(in: 0..<6, using: &generator) == 0
                ? Int.random(in: 0...packet.count, using: &generator) : packet.count
            now += Int64.random(in: -1_000_000...2_000_000_000, using: &generator)
            do throws(WireError) {
                taken += 1
                guard let bytes = try reassembler.whole(packet, captured: captured, now: now) else { continue }
                whole += 1
                #expect(bytes.count <= reassembler.wholeWireLength)
                _ = try? TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: reassembler.wholeWireLength)
            } catch {
                taken -= 1
                refused += 1
            }
        }
        #expect(whole > 100 && refused > 500, "seed \(seed): \(whole) whole, \(refused) refused")
        #expect(reassembler.byteCount <= FragmentReassembler.byteLimit)
        reassembler.removeAll()
        #expect(reassembler.byteCount == 0)
        // The fragment that makes a datagram whole is in no bin: it becomes the packet.
        #expect(reassembler.accounted + whole == taken, "seed \(seed)")
    }

    @Test func `random bytes are refused or wait`() {
        var generator = SplitMix(seed: 9)
        var reassembler = FragmentReassembler()
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...120, using: &generator)
            var packet = (0..<length).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            if length > 6 {
                packet[0] = [0x45, 0x4f, 0x60, 0x65].randomElement(using: &generator) ?? 0
                packet[6] = [44, 0, 60, 0x20, 0x3f].randomElement(using: &generator) ?? 0
            }
            _ = try? reassembler.whole(packet, now: Int64(truncatingIfNeeded: generator.next()))
        }
        reassembler.removeAll()
        #expect(reassembler.byteCount == 0)
    }

    @Test func `a fragment cut anywhere is refused or waits`() {
        for family in SampleDatagram.Family.allCases {
            let packet = SampleDatagram(family: family, payload: Sample.tcp()).fragment(0..<16)
            for length in 0...packet.count {
                var reassembler = FragmentReassembler()
                let headers = packet.count - 16
                do throws(WireError) {
                    #expect(try reassembler.whole(packet, captured: length) == nil)
                    #expect(length >= headers)
                } catch {
                    #expect(error == WireError(.truncated, at: length) && length < headers)
                }
            }
        }
    }
}
