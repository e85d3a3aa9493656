import Testing
import Wire

struct CaptureFileReaderTests {
    @Test(arguments: [false, true], [(0xa1b2_c3d4 as UInt32, 1000 as Int64), (0xa1b2_3c4d, 1)])
    func `pcap is read in both byte orders and with both resolutions`(bigEndian: Bool, magic: (UInt32, Int64)) {
        var file = FileBytes.pcapHeader(magic: magic.0, linkType: 113, bigEndian: bigEndian)
        file.pcapRecord(seconds: 4_000_000_000, fraction: 999_999, [1, 2, 3], wireLength: 60)
        file.pcapRecord(seconds: 5, fraction: 0, [])
        let expected = [
            ReadRecord(.cooked, 4_000_000_000_000_000_000 + 999_999 * magic.1, [1, 2, 3], wireLength: 60),
            ReadRecord(.cooked, 5_000_000_000, []),
        ]
        #expect(ReadRecord.all(in: file.bytes) == (expected, nil))
        #expect(ReadRecord.all(in: file.bytes, chunk: 1) == (expected, nil))
    }

    @Test(arguments: [false, true])
    func `pcapng is read with several interfaces, sections and all kinds of packet block`(bigEndian: Bool) {
        let file = Self.sampleNG(bigEndian: bigEndian)
        #expect(ReadRecord.all(in: file) == (Self.sampleNGRecords, nil))
        #expect(ReadRecord.all(in: file, chunk: 1) == (Self.sampleNGRecords, nil))
        #expect(ReadRecord.all(in: file, chunk: 7) == (Self.sampleNGRecords, nil))
    }

    @Test(arguments: [
        (0 as UInt8, 7 as UInt64, 7_000_000_000 as Int64), (3, 7, 7_000_000), (6, 7, 7_000), (9, 7, 7), (12, 7_000, 7),
        (10, 70, 7), (28, .max, 1), (29, .max, 0), (38, .max, 0), (127, 7, 0), (0x80, 7, 7_000_000_000),
        (0x8a, 1024, 1_000_000_000), (0xff, .max, 0), (0, .max, .max),
    ])
    func `a time stamp is read in the unit of its interface`(resolution: UInt8, count: UInt64, nanoseconds: Int64) {
        var file = FileBytes(bigEndian: false)
        file.section()
        file.interface(linkType: 1, resolution: resolution)
        file.packet(interface: 0, timestamp: count, [1])
        #expect(ReadRecord.all(in: file.bytes) == ([ReadRecord(.ethernet, nanoseconds, [1])], nil))
    }

    @Test(arguments: [(3 as Int64, 3_000_000_001 as Int64), (-1, -999_999_999), (.max, .max), (.min, .min)])
    func `an interface may begin its time elsewhere`(offset: Int64, nanoseconds: Int64) {
        var file = FileBytes(bigEndian: true)
        file.section()
        file.interface(linkType: 1, resolution: 9, offset: offset)
        file.packet(interface: 0, timestamp: 1, [1])
        #expect(ReadRecord.all(in: file.bytes) == ([ReadRecord(.ethernet, nanoseconds, [1])], nil))
    }

    @Test(arguments: [
        (0 as UInt16, LinkType.null), (108, .null), (1, .ethernet), (101, .raw), (12, .raw), (14, .raw), (228, .raw),
        (229, .raw), (113, .cooked), (276, .cookedV2),
    ])
    func `every link type that TCP comes in is known`(number: UInt16, linkType: LinkType) {
        #expect(LinkType(captureFileNumber: number) == linkType)
    }

    @Test(arguments: [1, 7, .max])
    func `packets that are lent come in the order of the file, and one that is not taken comes again`(chunk: Int) throws
    {
        let file = Self.sampleNG(bigEndian: false)
        var reader = CaptureFileReader()
        var taken: [ReadRecord] = []
        var refused: [ReadRecord] = []
        for start in stride(from: 0, to: file.count, by: min(chunk, file.count)) {
            reader.append(Array(file[start..<min(file.count, start + min(chunk, file.count))]))
            while try reader.peek() != nil {
                try reader.lend { record, bytes in
                    let read = ReadRecord(
                        record.linkType, record.timestamp, Array(copying: bytes), wireLength: record.wireLength)
                    guard refused.count > taken.count else {
                        refused.append(read)
                        return false
                    }
                    taken.append(read)
                    return true
                }
            }
        }
        try reader.finish()
        #expect(taken == Self.sampleNGRecords && refused == taken)
    }

    @Test func `a packet of an unknown kind is read, and is of no known link type`() {
        var file = FileBytes(bigEndian: false)
        file.section()
        file.interface(linkType: 147)
        file.packet(interface: 0, timestamp: 1, [1])
        #expect(ReadRecord.all(in: file.bytes) == ([ReadRecord(nil, 1000, [1])], nil))
    }

    @Test func `what cannot be is refused by name`() {
        #expect(ReadRecord.all(in: []).error == .notACaptureFile)
        #expect(ReadRecord.all(in: Array("GET / HTTP/1.1".utf8)).error == .notACaptureFile)
        #expect(ReadRecord.all(in: FileBytes.pcapHeader(linkType: 147).bytes).error == .unsupportedLinkType(147))
        var large = FileBytes.pcapHeader()
        for number in [0, 0, UInt32.max, UInt32.max] { large.put(number) }
        #expect(ReadRecord.all(in: large.bytes).error == .recordTooLarge(4_294_967_295))
        for length: UInt32 in [0, 4, 8, 13] {
            var loop = FileBytes(bigEndian: false)
            loop.section()
            for number in [9, length, length] { loop.put(number) }
            loop.put(UInt64(0))
            #expect(ReadRecord.all(in: loop.bytes).error == .badLength(Int(length)))
        }
        var unknown = FileBytes(bigEndian: false)
        unknown.section()
        unknown.packet(interface: 7, timestamp: 0, [1])
        #expect(ReadRecord.all(in: unknown.bytes).error == .unknownInterface(7))
        var mismatch = FileBytes(bigEndian: false)
        mismatch.section()
        mismatch.bytes[mismatch.bytes.count - 4] = 32
        #expect(ReadRecord.all(in: mismatch.bytes).error == .badLength(32))
    }

    @Test func `a packet longer than its block is refused`() {
        var file = FileBytes(bigEndian: false)
        file.section()
        file.interface(linkType: 1)
        file.packet(interface: 0, timestamp: 0, [1, 2, 3, 4])
        file.bytes[file.bytes.count - 4 - 4 - 8] = 5
        #expect(ReadRecord.all(in: file.bytes).error == .badLength(5))
    }

    @Test func `interfaces without end are refused`() {
        var file = FileBytes(bigEndian: false)
        file.section()
        for _ in 0...CaptureFileReader.interfaceLimit { file.interface(linkType: 1) }
        #expect(ReadRecord.all(in: file.bytes).error == .tooManyInterfaces)
    }

    @Test func `a file that ends inside a record is read up to there, wherever that is`() {
        var pcap = FileBytes.pcapHeader()
        for second: UInt32 in 1...3 { pcap.pcapRecord(seconds: second, fraction: 0, [1, 2, 3, 4, 5]) }
        for file in [pcap.bytes, Self.sampleNG(bigEndian: false), Self.sampleNG(bigEndian: true)] {
            let whole = ReadRecord.all(in: file).records
            for length in 0..<file.count {
                let (records, error) = ReadRecord.all(in: Array(file[..<length]))
                #expect(records == Array(whole.prefix(records.count)))
                // Between two records it can't be told from a whole file.
                #expect(error == nil || error == .truncated || (length < 24 && error == .notACaptureFile))
                #expect(records.count < whole.count || error == nil)
            }
        }
    }

    @Test func `no damage makes it trap, loop or lose its bounds`() {
        var pcap = FileBytes.pcapHeader(bigEndian: true)
        for second: UInt32 in 1...20 { pcap.pcapRecord(seconds: second, fraction: 0, [UInt8](repeating: 7, count: 60)) }
        let corpus = [pcap.bytes, Self.sampleNG(bigEndian: false), Self.sampleNG(bigEndian: true)]
        for seed: UInt64 in 1...20_000 {
            var random = SplitMix(seed: seed)
            var file = corpus[Int(seed % 3)]
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let position = Int.random(in: 0..<file.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: file[position] = UInt8.random(in: 0...255, using: &random)
                case 1: file[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: file.removeSubrange(position..<min(file.count, position + 5))
                default: file.replaceSubrange(position..<min(file.count, position + 4), with: [255, 255, 255, 255])
                }
                if file.isEmpty { break }
            }
            let chunk = Int.random(in: 1...100, using: &random)
            let (records, error) = ReadRecord.all(in: file, chunk: chunk)
            #expect(records.count <= file.count / 16, "seed \(seed)")
            #expect(ReadRecord.all(in: file) == (records, error), "seed \(seed): chunks of \(chunk) change the outcome")
        }
    }
}

extension CaptureFileReaderTests {
    static let sampleNGRecords = [
        ReadRecord(.ethernet, 1_500_000_000, [1, 2, 3, 4, 5]), ReadRecord(.cookedV2, 2_000_000_007, [6]),
        ReadRecord(.ethernet, 2_000_000_007, [7, 8]), ReadRecord(.raw, 3_000_000, [9, 10, 11, 12]),
        ReadRecord(.raw, 3_001_000, [13, 14], wireLength: 14),
    ]

    /// Two sections; an unknown block, one of names, interfaces of three resolutions.
    static func sampleNG(bigEndian: Bool) -> [UInt8] {
        var file = FileBytes(bigEndian: bigEndian)
        file.section()
        file.interface(linkType: 1, snapshotLength: 262_144)
        file.interface(linkType: 276, resolution: 9)
        file.packet(interface: 0, timestamp: 1_500_000, [1, 2, 3, 4, 5])
        file.block(0xbad) { $0.pad([1, 2, 3]) }
        file.packet(interface: 1, timestamp: 2_000_000_007, [6])
        file.block(3) {
            $0.put(2 as UInt32)
            $0.pad([7, 8])
        }
        file.section()
        file.interface(linkType: 101, resolution: 6)
        file.packet(interface: 0, timestamp: 3_000, [9, 10, 11, 12])
        file.block(2) {
            $0.put(0 as UInt16)
            $0.put(3 as UInt16)
            $0.put(0 as UInt32)
            $0.put(3_001 as UInt32)
            $0.put(2 as UInt32)
            $0.put(14 as UInt32)
            $0.pad([13, 14])
        }
        return file.bytes
    }
}

private func == (
    one: (records: [ReadRecord], error: CaptureFileError.Kind?), other: ([ReadRecord], CaptureFileError.Kind?)
) -> Bool { one.records == other.0 && one.error == other.1 }
