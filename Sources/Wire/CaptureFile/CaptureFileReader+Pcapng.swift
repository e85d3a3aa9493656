extension CaptureFileReader {
    enum Block {
        case packet(CaptureRecord)
        case other
        /// More bytes are needed.
        case incomplete
    }

    /// Reads the block that waits.
    ///
    /// ```
    /// block  0 type  4 total length  8 body  … total length again
    /// ```
    mutating func nextBlock() throws(CaptureFileError) -> Block {
        guard waiting >= 12, case .pcapng(var section) = format else { return .incomplete }
        // Gives the interfaces up for the while, so that changing them copies nothing.
        format = .unknown
        defer { format = .pcapng(section) }
        let type = bytes.bigEndian32(at: 0)
        if type == PcapngSection.headerType { section = try sectionAhead() }
        let isSwapped = section.isSwapped
        let length = try check(bytes.number32(at: 4, swapped: isSwapped), atLeast: 12)
        guard length % 4 == 0 else { throw error(.badLength(length)) }
        guard waiting >= length else { return .incomplete }
        let trailer = bytes.number32(at: length - 4, swapped: isSwapped)
        guard trailer == length else { throw error(.badLength(Int(trailer))) }
        switch PcapngSection.BlockType(rawValue: isSwapped ? type.byteSwapped : type) {
        case .interfaceDescription:
            guard length >= 20 else { throw error(.badLength(length)) }
            guard section.interfaces.count < Self.interfaceLimit else { throw error(.tooManyInterfaces) }
            section.interfaces.append(section.interface(bytes.extracting(0..<length)))
            return skip(length)
        case .enhancedPacket: return .packet(try packet(of: length, isOld: false, in: &section))
        case .packet: return .packet(try packet(of: length, isOld: true, in: &section))
        case .simplePacket: return .packet(try simplePacket(of: length, in: section))
        case nil: return skip(length)
        }
    }

    private mutating func skip(_ length: Int) -> Block {
        _ = advance(length)
        return .other
    }

    /// The section that begins with the header that waits. Its own length is not needed: blocks tell theirs.
    ///
    /// ```
    /// block  0 type  4 total length  8 byte-order magic  12 major  14 minor  16 section length  24 options  … total length
    /// ```
    private func sectionAhead() throws(CaptureFileError) -> PcapngSection {
        var section = PcapngSection()
        switch bytes.bigEndian32(at: 8) {
        case PcapngSection.byteOrderMagic: break
        case PcapngSection.byteOrderMagic.byteSwapped: section.isSwapped = true
        default: throw error(.unsupportedVersion)
        }
        _ = try check(bytes.number32(at: 4, swapped: section.isSwapped), atLeast: 28)
        if waiting >= 14, bytes.number16(at: 12, swapped: section.isSwapped) != 1 { throw error(.unsupportedVersion) }
        return section
    }

    /// An enhanced packet, or the packet block that it replaced.
    ///
    /// ```
    /// block  8 interface  12 time stamp, upper  16 lower  20 captured length  24 wire length  28 frame
    /// old    8 interface (16 bits)  10 drops, else alike
    /// ```
    private mutating func packet(
        of length: Int, isOld: Bool, in section: inout PcapngSection
    ) throws(CaptureFileError) -> CaptureRecord {
        guard length >= 32 else { throw error(.badLength(length)) }
        let isSwapped = section.isSwapped
        let index =
            isOld
            ? Int(bytes.number16(at: 8, swapped: isSwapped)) : Int(bytes.number32(at: 8, swapped: isSwapped))
        guard index < section.interfaces.count else { throw error(.unknownInterface(index)) }
        let captured = Int(bytes.number32(at: 20, swapped: isSwapped))
        guard captured <= length - 32 else { throw error(.badLength(captured)) }
        let upper = UInt64(bytes.number32(at: 12, swapped: isSwapped))
        let lower = UInt64(bytes.number32(at: 16, swapped: isSwapped))
        let wireLength = Int(bytes.number32(at: 24, swapped: isSwapped))
        let interface = section.interfaces[index]
        section.lastTimestamp = interface.timestamps.nanoseconds(upper << 32 | lower)
        let start = advance(length) + 28
        return CaptureRecord(
            linkType: interface.linkType, timestamp: section.lastTimestamp, wireLength: wireLength,
            range: start..<start + captured)
    }

    /// A packet of the first interface without a time stamp.
    ///
    /// ```
    /// block  8 wire length  12 frame, cut by the interface's snapshot length
    /// ```
    private mutating func simplePacket(
        of length: Int, in section: PcapngSection
    ) throws(CaptureFileError) -> CaptureRecord {
        guard length >= 16 else { throw error(.badLength(length)) }
        guard let interface = section.interfaces.first else { throw error(.unknownInterface(0)) }
        let wireLength = Int(bytes.number32(at: 8, swapped: section.isSwapped))
        let limit = interface.snapshotLength == 0 ? wireLength : min(wireLength, interface.snapshotLength)
        let start = advance(length) + 12
        return CaptureRecord(
            linkType: interface.linkType, timestamp: section.lastTimestamp, wireLength: wireLength,
            range: start..<start + min(limit, length - 16))
    }
}
