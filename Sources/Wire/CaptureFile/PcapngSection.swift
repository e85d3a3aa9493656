/// A section of a pcapng file: its byte order, and the interfaces described in it so far.
struct PcapngSection {
    /// Reads the same in either byte order.
    static let headerType: UInt32 = 0x0a0d_0d0a
    static let byteOrderMagic: UInt32 = 0x1a2b_3c4d

    /// An interface that packets of this section name by its index.
    struct Interface {
        let linkType: LinkType?
        var timestamps = CaptureTimestamps.microseconds
        /// Bytes kept of each packet; 0 for all.
        let snapshotLength: Int
    }

    /// Blocks that are looked at; all others are skipped.
    enum BlockType: UInt32 {
        case interfaceDescription = 1
        /// Written by old tools only.
        case packet = 2
        case simplePacket = 3
        case enhancedPacket = 6
    }

    /// Whether numbers are little-endian.
    var isSwapped = false
    var interfaces: [Interface] = []
    /// Simple packets have no time stamp: theirs is that of the packet before.
    var lastTimestamp: Int64 = 0
}

extension PcapngSection {
    /// Reads an interface description.
    ///
    /// ```
    /// block  0 type  4 length  8 link type  10 reserved  12 snapshot length  16 options  … length
    /// option 0 code  2 length  4 value, padded to four bytes
    /// ```
    func interface(_ block: RawSpan) -> Interface {
        var interface = Interface(
            linkType: LinkType(captureFileNumber: block.number16(at: 8, swapped: isSwapped)),
            snapshotLength: Int(block.number32(at: 12, swapped: isSwapped)))
        let (endOfOptions, resolution, offset): (UInt16, UInt16, UInt16) = (0, 9, 14)
        var position = 16
        var shift: Int64 = 0
        while position + 4 <= block.byteCount - 4 {
            let code = block.number16(at: position, swapped: isSwapped)
            let length = Int(block.number16(at: position + 2, swapped: isSwapped))
            guard code != endOfOptions, position + 4 + length <= block.byteCount - 4 else { break }
            if code == resolution, length == 1 {
                interface.timestamps = CaptureTimestamps(resolution: block.byte(at: position + 4))
            } else if code == offset, length == 8 {
                let number = block.bigEndian64(at: position + 4)
                shift = Int64(bitPattern: isSwapped ? number.byteSwapped : number)
            }
            position += 4 + (length + 3) & ~3
        }
        interface.timestamps.offset = shift
        return interface
    }
}
