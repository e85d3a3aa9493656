/// Builds capture files byte by byte, in either byte order, right or wrong.
struct FileBytes {
    var bytes: [UInt8] = []
    let isBigEndian: Bool

    init(bigEndian: Bool) { isBigEndian = bigEndian }

    mutating func put(_ number: some FixedWidthInteger & UnsignedInteger) {
        let ordered = (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        bytes += isBigEndian ? ordered.reversed() : ordered
    }

    mutating func pad(_ value: [UInt8]) {
        bytes += value + [UInt8](repeating: 0, count: -value.count & 3)
    }

    static func pcapHeader(magic: UInt32 = 0xa1b2_c3d4, linkType: UInt32 = 1, bigEndian: Bool = false) -> FileBytes {
        var file = FileBytes(bigEndian: bigEndian)
        file.put(magic)
        file.put(2 as UInt16)
        file.put(4 as UInt16)
        file.put(0 as UInt64)
        file.put(65_535 as UInt32)
        file.put(linkType)
        return file
    }

    mutating func pcapRecord(seconds: UInt32, fraction: UInt32, _ frame: [UInt8], wireLength: UInt32? = nil) {
        put(seconds)
        put(fraction)
        put(UInt32(frame.count))
        put(wireLength ?? UInt32(frame.count))
        bytes += frame
    }

    mutating func block(_ type: UInt32, _ body: (inout FileBytes) -> Void) {
        var inner = FileBytes(bigEndian: isBigEndian)
        body(&inner)
        put(type)
        put(UInt32(inner.bytes.count + 12))
        bytes += inner.bytes
        put(UInt32(inner.bytes.count + 12))
    }

    mutating func section() {
        block(0x0a0d_0d0a) {
            $0.put(0x1a2b_3c4d as UInt32)
            $0.put(1 as UInt16)
            $0.put(0 as UInt16)
            $0.put(UInt64.max)
        }
    }

    mutating func interface(
        linkType: UInt16, resolution: UInt8? = nil, offset: Int64? = nil, snapshotLength: UInt32 = 0
    ) {
        block(1) {
            $0.put(linkType)
            $0.put(0 as UInt16)
            $0.put(snapshotLength)
            if let resolution {
                $0.put(9 as UInt16)
                $0.put(1 as UInt16)
                $0.pad([resolution])
            }
            if let offset {
                $0.put(14 as UInt16)
                $0.put(8 as UInt16)
                $0.put(UInt64(bitPattern: offset))
            }
        }
    }

    mutating func packet(interface: UInt32, timestamp: UInt64, _ frame: [UInt8]) {
        block(6) {
            $0.put(interface)
            $0.put(UInt32(timestamp >> 32))
            $0.put(UInt32(truncatingIfNeeded: timestamp))
            $0.put(UInt32(frame.count))
            $0.put(UInt32(frame.count))
            $0.pad(frame)
        }
    }
}
