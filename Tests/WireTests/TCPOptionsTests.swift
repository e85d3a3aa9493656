import Testing
import Wire

@Suite struct TCPOptionsTests {
    private func read(_ bytes: [UInt8]) throws(WireError) -> TCPOptions { try TCPOptions(bytes.rawSpan, at: 54) }

    @Test func `the options of a handshake are read, in any order and padding`() throws {
        let pieces: [[UInt8]] = [
            [2, 4, 5, 180], [4, 2], [8, 10, 0, 0, 1, 0, 0, 0, 2, 0], [1], [3, 3, 7],
        ]
        // All orders of five pieces.
        func permutations(_ rest: [[UInt8]]) -> [[UInt8]] {
            guard !rest.isEmpty else { return [[]] }
            return rest.indices.flatMap { index in
                var others = rest
                let first = others.remove(at: index)
                return permutations(others).map { first + $0 }
            }
        }
        for bytes in permutations(pieces) {
            let options = try read(bytes)
            #expect(options.maximumSegmentSize == 1460)
            #expect(options.windowScale == 7)
            #expect(options.timestamps == TCPTimestamps(value: 256, echo: 512))
            #expect(options.sackPermitted && options.sackBlocks.isEmpty)
        }
    }

    @Test func `one to four SACK blocks are read, a fifth is left out`() throws {
        for count in 1...5 {
            var bytes: [UInt8] = [5, UInt8(2 + 8 * count)]
            for block in 0..<UInt32(count) { bytes += Sample.big(block * 100) + Sample.big(block * 100 + 50) }
            let options = try read(bytes)
            #expect(options.sackBlocks.count == min(count, 4))
            for index in 0..<min(count, 4) {
                #expect(
                    options.sackBlocks[index]
                        == SequenceRange(SequenceNumber(UInt32(index * 100)), SequenceNumber(UInt32(index * 100 + 50))))
            }
        }
    }

    @Test func `options that run past the header are refused where they start`() {
        for bytes: [UInt8] in [[2], [1, 2], [2, 5, 5, 180], [8, 10, 0, 0], [253, 255], [1, 1, 1, 5]] {
            let start = bytes.firstIndex { $0 != 1 } ?? 0
            #expect(throws: WireError(.badLength, at: 54 + start)) { _ = try read(bytes) }
        }
        // In a whole segment the payload behind the header must not be taken for the rest.
        let packet = Sample.ipv4(Sample.tcp(Array(repeating: 0, count: 30), options: [1, 1, 8, 10]))
        #expect(throws: WireError(.badLength, at: 42)) {
            _ = try TCPSegment(frame: packet.rawSpan, linkType: .raw, wireLength: packet.count)
        }
    }

    @Test func `of an option area that was cut, what stands before the cut is read`() throws {
        let whole: [UInt8] = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 1, 0, 0, 0, 2, 0, 1, 3, 3, 7]
        #expect(TCPOptions(cut: whole.rawSpan) == (try read(whole)))
        for end in 0..<whole.count {
            let options = TCPOptions(cut: Array(whole[..<end]).rawSpan)
            #expect(options.maximumSegmentSize == (end >= 4 ? 1460 : nil))
            #expect(options.sackPermitted == (end >= 6))
            #expect(options.timestamps == (end >= 16 ? TCPTimestamps(value: 256, echo: 512) : nil))
            #expect(options.windowScale == nil)
        }
    }

    @Test func `an option length below two is refused, so that none is read for ever`() {
        for length: UInt8 in 0...1 {
            #expect(throws: WireError(.badLength, at: 54)) { _ = try read([8, length, 0, 0]) }
        }
    }

    @Test func `nothing after the end of the list is looked at`() throws {
        #expect(try read([0, 8, 99, 1]) == TCPOptions())
        #expect(try read([3, 3, 9, 0, 2, 0]).windowScale == 9)
    }

    @Test func `a known kind of unknown length and unknown kinds are passed over`() throws {
        let options = try read([2, 3, 9, 8, 4, 1, 2, 3, 2, 254, 8, 1, 2, 3, 4, 5, 6, 5, 7, 1, 2, 3, 4, 5, 4, 2])
        var expected = TCPOptions()
        expected.sackPermitted = true
        #expect(options == expected)
    }

    @Test func `every set of options is read as it was written`() throws {
        for set in 0..<32 {
            for blocks in 0...4 {
                var options = TCPOptions()
                if set & 1 != 0 { options.maximumSegmentSize = 1220 }
                if set & 2 != 0 { options.windowScale = 14 }
                if set & 4 != 0 { options.timestamps = TCPTimestamps(value: .max, echo: 1) }
                options.sackPermitted = set & 8 != 0
                for index in 0..<blocks {
                    let start = SequenceNumber(.max &- UInt32(index))
                    options.sackBlocks.append(SequenceRange(start, start.advanced(by: 100)))
                }
                var bytes = [UInt8](repeating: 0xaa, count: 48)
                var span = bytes.mutableRawSpan
                options.write(to: &span, at: 4)
                let length = options.byteCount
                #expect(length % 4 == 0 && length <= 40)
                let read = try TCPOptions(bytes.rawSpan.extracting(4..<4 + length))
                // What has no room is left out from the end.
                var expected = options
                expected.sackBlocks = SACKBlocks()
                for index in 0..<read.sackBlocks.count { expected.sackBlocks.append(options.sackBlocks[index]) }
                #expect(read == expected)
                if set & 4 == 0 && set & 8 == 0 && set & 3 != 3 { #expect(read.sackBlocks.count == blocks) }
                if set == 4 { #expect(read.sackBlocks.count == min(blocks, 3)) }
                #expect(bytes[..<4].allSatisfy { $0 == 0xaa } && bytes[(4 + length)...].allSatisfy { $0 == 0xaa })
            }
        }
    }
}
