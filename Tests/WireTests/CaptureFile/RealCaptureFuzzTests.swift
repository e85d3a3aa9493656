import Testing
import Wire

/// Real captures, cut and damaged in every way: what is read stays within bounds, and reading ends.
struct RealCaptureFuzzTests {
    @Test(arguments: RealCapture.allCases)
    func `a real capture is read whole, and all its packets are TCP`(capture: RealCapture) throws {
        let (records, error) = ReadRecord.all(in: capture.bytes)
        #expect(records.count == capture.count && error == nil)
        for record in records {
            let linkType = try #require(record.linkType)
            let segment = try TCPSegment(
                frame: record.bytes.rawSpan, linkType: linkType, wireLength: record.wireLength)
            #expect([segment.header.flow.sourcePort, segment.header.flow.destinationPort].contains(18765))
        }
    }

    @Test(arguments: RealCapture.allCases)
    func `cut anywhere, it is read up to there`(capture: RealCapture) {
        let whole = ReadRecord.all(in: capture.bytes).records
        for length in 0..<capture.bytes.count {
            let (records, error) = ReadRecord.all(in: Array(capture.bytes[..<length]))
            #expect(records == Array(whole.prefix(records.count)), "\(length) bytes")
            #expect(error == nil || error == .truncated || (length < 28 && error == .notACaptureFile))
            #expect(records.count < whole.count || error == nil || capture == .dumpcap, "\(length) bytes")
        }
    }

    @Test(arguments: RealCapture.allCases)
    func `each 32-bit number as large, small or negative as can be is refused or read`(capture: RealCapture) {
        let bytes = capture.bytes
        for position in stride(from: 0, to: bytes.count - 3, by: 4) {
            for number: [UInt8] in [
                [0, 0, 0, 0], [255, 255, 255, 255], [255, 255, 255, 127], [0, 0, 0, 128], [12, 0, 0, 0],
            ] {
                var damaged = bytes
                damaged.replaceSubrange(position..<position + 4, with: number)
                expectBounded(damaged, "\(number) at \(position)")
            }
        }
    }

    @Test(arguments: RealCapture.allCases)
    func `no damage makes it trap, loop, or depend on how its bytes come in`(capture: RealCapture) {
        for seed: UInt64 in 1...3_000 {
            var random = SplitMix(seed: seed)
            var file = capture.bytes
            for _ in 0..<Int.random(in: 1...8, using: &random) where !file.isEmpty {
                let position = Int.random(in: 0..<file.count, using: &random)
                let end = min(file.count, position + Int.random(in: 1...40, using: &random))
                switch Int.random(in: 0..<5, using: &random) {
                case 0: file[position] = UInt8.random(in: 0...255, using: &random)
                case 1: file[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: file.removeSubrange(position..<end)
                case 3: file.insert(contentsOf: file[position..<end], at: position)
                default: file.replaceSubrange(position..<end, with: repeatElement(255, count: end - position))
                }
            }
            let chunk = Int.random(in: 1...200, using: &random)
            let (records, error) = expectBounded(file, "seed \(seed)")
            let again = ReadRecord.all(in: file, chunk: chunk)
            #expect(again.records == records && again.error == error, "seed \(seed): chunks of \(chunk)")
        }
    }

    /// Reads a file, and what is in it as packets.
    @discardableResult
    private func expectBounded(
        _ file: [UInt8], _ context: Comment
    ) -> (records: [ReadRecord], error: CaptureFileError.Kind?) {
        let outcome = ReadRecord.all(in: file)
        #expect(outcome.records.reduce(0) { $0 + $1.bytes.count + 12 } <= file.count, context)
        for record in outcome.records {
            guard let linkType = record.linkType else { continue }
            _ = try? TCPSegment(frame: record.bytes.rawSpan, linkType: linkType, wireLength: record.wireLength)
        }
        return outcome
    }
}
