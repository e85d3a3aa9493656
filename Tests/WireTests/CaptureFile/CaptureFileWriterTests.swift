import Testing
import Wire

struct CaptureFileWriterTests {
    @Test func `what is written is read again, interface by interface`() {
        var writer = CaptureFileWriter()
        var expected: [ReadRecord] = []
        var bytes: [UInt8] = []
        for length in 0..<70 {
            let linkType = LinkType.allCases[length % LinkType.allCases.count]
            let frame = (0..<length).map { UInt8($0) }
            let timestamp = 1_700_000_000_123_456_789 + Int64(length)
            writer.append(
                frame.rawSpan, wireLength: length + 10, timestamp: timestamp, linkType: linkType,
                interface: "eth\(length % 2)")
            expected.append(ReadRecord(linkType, timestamp, frame, wireLength: length + 10))
            if length % 9 == 0 { bytes += writer.takeBytes() }
        }
        bytes += writer.takeBytes()
        #expect(writer.byteCount == 0)
        let (records, error) = ReadRecord.all(in: bytes)
        #expect(records == expected)
        #expect(error == nil)
    }

    @Test func `a time before the epoch is written as the epoch`() {
        var writer = CaptureFileWriter()
        writer.append([1].rawSpan, wireLength: 1, timestamp: -5, linkType: .raw, interface: "tun0")
        #expect(ReadRecord.all(in: writer.takeBytes()).records == [ReadRecord(.raw, 0, [1])])
    }
}
