/// What the head of a pcap file says of all its records.
///
/// ```
/// file    0 magic   4 major  6 minor   8 reserved  16 snapshot length  20 FCS length, link type
/// record  0 seconds  4 µs or ns   8 captured length  12 wire length  16 frame
/// ```
struct Pcap {
    static let fileHeaderLength = 24
    static let recordHeaderLength = 16

    /// Whether numbers are little-endian.
    let isSwapped: Bool
    let timestamps: CaptureTimestamps
    let linkType: LinkType

    private static let microsecondMagic: UInt32 = 0xa1b2_c3d4
    private static let nanosecondMagic: UInt32 = 0xa1b2_3c4d

    /// Reads the file header; nil when `bytes` does not hold all of it yet. Precondition: four bytes are there.
    init?(header bytes: RawSpan) throws(CaptureFileError) {
        let magic = bytes.bigEndian32(at: 0)
        switch magic {
        case Self.microsecondMagic, Self.nanosecondMagic: isSwapped = false
        case Self.microsecondMagic.byteSwapped, Self.nanosecondMagic.byteSwapped: isSwapped = true
        default: throw CaptureFileError(.notACaptureFile, at: 0)
        }
        let isFine = magic == Self.nanosecondMagic || magic == Self.nanosecondMagic.byteSwapped
        timestamps = isFine ? .nanoseconds : .microseconds
        guard bytes.byteCount >= Self.fileHeaderLength else { return nil }
        guard bytes.number16(at: 4, swapped: isSwapped) == 2 else { throw CaptureFileError(.unsupportedVersion, at: 4) }
        // The upper 16 bits tell of a frame check sequence, which trails the packet like padding.
        let number = UInt16(truncatingIfNeeded: bytes.number32(at: 20, swapped: isSwapped))
        guard let linkType = LinkType(captureFileNumber: number) else {
            throw CaptureFileError(.unsupportedLinkType(number), at: 20)
        }
        self.linkType = linkType
    }
}

extension CaptureFileReader {
    mutating func nextRecord(_ pcap: Pcap) throws(CaptureFileError) -> CaptureRecord? {
        guard waiting >= Pcap.recordHeaderLength else { return nil }
        let length = try check(bytes.number32(at: 8, swapped: pcap.isSwapped))
        guard waiting >= Pcap.recordHeaderLength + length else { return nil }
        let seconds = Int64(bytes.number32(at: 0, swapped: pcap.isSwapped))
        let fraction = pcap.timestamps.nanoseconds(UInt64(bytes.number32(at: 4, swapped: pcap.isSwapped)))
        let wireLength = Int(bytes.number32(at: 12, swapped: pcap.isSwapped))
        let start = advance(Pcap.recordHeaderLength + length) + Pcap.recordHeaderLength
        return CaptureRecord(
            linkType: pcap.linkType, timestamp: seconds * 1_000_000_000 + fraction, wireLength: wireLength,
            range: start..<start + length)
    }
}
