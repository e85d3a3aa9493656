import Testing
import Wire

/// Bytes that nobody meant: reading them ends in a segment or an error, and never traps.
@Suite struct FrameFuzzTests {
    /// What reading must keep to, whatever the bytes are.
    private func read(_ frame: [UInt8], _ linkType: LinkType, wireLength: Int) -> Bool {
        do throws(WireError) {
            let segment = try TCPSegment(frame: frame.rawSpan, linkType: linkType, wireLength: wireLength)
            #expect(segment.payload.byteCount <= frame.count)
            #expect(segment.header.payloadLength >= segment.payload.byteCount)
            #expect(segment.header.payloadLength <= max(0, wireLength))
            #expect(!segment.header.description.isEmpty)
            return true
        } catch {
            #expect((0...frame.count).contains(error.offset), "\(error) in \(frame.count) bytes")
            return false
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `mutated frames are read or refused`(_ seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let corpus = TruncationTests.packets.flatMap(Sample.frames)
        var (whole, refused) = (0, 0)
        for _ in 0..<50_000 {
            let sample = corpus[Int.random(in: corpus.indices, using: &generator)]
            var frame = sample.bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&frame, &generator) }
            let wireLength =
                Bool.random(using: &generator) ? frame.count : Int.random(in: 0...70_000, using: &generator)
            if read(frame, sample.linkType, wireLength: wireLength) { whole += 1 } else { refused += 1 }
        }
        #expect(whole > 5_000 && refused > 5_000, "seed \(seed): \(whole) read, \(refused) refused")
    }

    private func mutate(_ frame: inout [UInt8], _ generator: inout SplitMix) {
        guard !frame.isEmpty else { return }
        let place = Int.random(in: frame.indices, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: frame[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: frame[place] = UInt8.random(in: 0...255, using: &generator)
        case 2: frame[place] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
        case 3: frame.removeLast(frame.count - place)
        case 4: frame.insert(contentsOf: frame[..<place], at: place)
        default: frame.remove(at: place)
        }
    }

    @Test func `random bytes are read or refused, on every link type`() {
        var generator = SplitMix(seed: 5)
        for linkType in LinkType.allCases {
            for _ in 0..<10_000 {
                let length = Int.random(in: 0...120, using: &generator)
                let frame = (0..<length).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
                _ = read(frame, linkType, wireLength: length)
            }
        }
    }

    @Test func `absurd wire lengths trap nothing`() {
        for frame in TruncationTests.packets.flatMap(Sample.frames) {
            for wireLength in [-1, 0, 1, 19, 20, 40, 65_535, 65_536, Int(UInt32.max)] {
                _ = try? TCPSegment(frame: frame.bytes.rawSpan, linkType: frame.linkType, wireLength: wireLength)
            }
        }
    }

    @Test func `random option areas are read or refused`() {
        var generator = SplitMix(seed: 6)
        for _ in 0..<50_000 {
            let length = Int.random(in: 0...60, using: &generator)
            let kinds: [UInt8] = [0, 1, 2, 3, 4, 5, 8, 10, 253]
            let bytes = (0..<length).map { _ in
                Bool.random(using: &generator)
                    ? kinds.randomElement(using: &generator) ?? 0 : UInt8.random(in: 0...255, using: &generator)
            }
            guard let options = try? TCPOptions(bytes.rawSpan) else { continue }
            #expect(options.byteCount <= 40)
            var written = [UInt8](repeating: 0, count: 40)
            var span = written.mutableRawSpan
            options.write(to: &span, at: 0)
        }
    }
}
