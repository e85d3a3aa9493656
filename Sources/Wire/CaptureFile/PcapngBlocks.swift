/// Blocks of a pcapng section, little-endian, one behind the other, as a file holds them.
///
/// A file begins with a section header, then describes its interfaces; packets name them by their number, from 0.
public struct PcapngBlocks: Sendable {
    private var storage: [UInt8]
    public private(set) var byteCount = 0

    /// - Parameter capacity: bytes for which there is room from the start; beyond, it grows.
    public init(capacity: Int = 0) { storage = [UInt8](repeating: 0, count: capacity) }

    public var bytes: ArraySlice<UInt8> { storage[..<byteCount] }

    /// Part of the bytes. Precondition: in bounds.
    public subscript(range: Range<Int>) -> ArraySlice<UInt8> { storage[range] }

    /// Takes all out, and keeps the room.
    public mutating func removeAll() { byteCount = 0 }

    public mutating func addSectionHeader() {
        add(PcapngSection.headerType, bodyLength: 16) { block, start in
            block.storeLittleEndian(PcapngSection.byteOrderMagic, at: start + 8)
            block.storeLittleEndian(1 as UInt16, at: start + 12)
            block.storeLittleEndian(0 as UInt16, at: start + 14)
            // The section's length is not known.
            block.storeLittleEndian(UInt32.max, at: start + 16)
            block.storeLittleEndian(UInt32.max, at: start + 20)
        }
    }

    /// Describes an interface whose packets are stamped in nanoseconds.
    ///
    /// ```
    /// block  8 link type  10 reserved  12 snapshot length  16 options: 16 if_name, if_tsresol, opt_endofopt
    /// option 0 code  2 length  4 value, padded to four bytes
    /// ```
    ///
    /// - Parameter snapshotLength: bytes kept of each packet; 0 for all.
    public mutating func addInterface(_ name: String, linkType: LinkType, snapshotLength: Int = 0) {
        let (nameCode, resolutionCode): (UInt16, UInt16) = (2, 9)
        let name = Array(name.utf8.prefix(255))
        let end = 20 + (name.count + 3) & ~3
        let type = PcapngSection.BlockType.interfaceDescription.rawValue
        add(type, bodyLength: end - 8 + 12) { block, start in
            block.storeLittleEndian(linkType.rawValue, at: start + 8)
            block.storeLittleEndian(0 as UInt16, at: start + 10)
            block.storeLittleEndian(UInt32(clamping: snapshotLength), at: start + 12)
            block.storeLittleEndian(nameCode, at: start + 16)
            block.storeLittleEndian(UInt16(name.count), at: start + 18)
            block.storePadded(name.rawSpan, at: start + 20)
            block.storeLittleEndian(resolutionCode, at: start + end)
            block.storeLittleEndian(1 as UInt16, at: start + end + 2)
            block.storeLittleEndian(9 as UInt32, at: start + end + 4)
            block.storeLittleEndian(0 as UInt32, at: start + end + 8)
        }
    }

    /// ```
    /// block  8 interface  12 time stamp, upper  16 lower  20 captured length  24 wire length  28 frame, padded to four bytes
    /// ```
    ///
    /// - Parameters:
    ///   - timestamp: nanoseconds since the epoch; an earlier one is written as the epoch.
    ///   - interface: its number.
    public mutating func addPacket(_ frame: RawSpan, wireLength: Int, timestamp: Int64, interface: Int) {
        let bodyLength = 20 + (frame.byteCount + 3) & ~3
        let stamp = UInt64(max(0, timestamp))
        add(PcapngSection.BlockType.enhancedPacket.rawValue, bodyLength: bodyLength) { block, start in
            block.storeLittleEndian(UInt32(clamping: interface), at: start + 8)
            block.storeLittleEndian(UInt32(truncatingIfNeeded: stamp >> 32), at: start + 12)
            block.storeLittleEndian(UInt32(truncatingIfNeeded: stamp), at: start + 16)
            block.storeLittleEndian(UInt32(clamping: frame.byteCount), at: start + 20)
            block.storeLittleEndian(UInt32(clamping: wireLength), at: start + 24)
            block.storePadded(frame, at: start + 28)
        }
    }

    /// ```
    /// block  0 type  4 total length  8 body  … total length again
    /// ```
    private mutating func add(_ type: UInt32, bodyLength: Int, _ body: (inout MutableRawSpan, _ start: Int) -> Void) {
        let length = bodyLength + 12
        let start = byteCount
        let end = start + length
        if end > storage.count {
            storage.append(contentsOf: repeatElement(0, count: max(end, 2 * storage.count) - storage.count))
        }
        var block = storage.mutableRawSpan
        block.storeLittleEndian(type, at: start)
        block.storeLittleEndian(UInt32(length), at: start + 4)
        body(&block, start)
        block.storeLittleEndian(UInt32(length), at: end - 4)
        byteCount = end
    }
}

extension MutableRawSpan {
    @_lifetime(self: copy self)
    fileprivate mutating func storeLittleEndian(_ value: UInt16, at offset: Int) {
        storeBigEndian(value.byteSwapped, at: offset)
    }

    @_lifetime(self: copy self)
    fileprivate mutating func storeLittleEndian(_ value: UInt32, at offset: Int) {
        storeBigEndian(value.byteSwapped, at: offset)
    }

    /// Stores bytes, and zeroes up to the next multiple of four.
    @_lifetime(self: copy self)
    fileprivate mutating func storePadded(_ bytes: RawSpan, at offset: Int) {
        let end = offset + bytes.byteCount
        for position in end..<(end + 3) & ~3 { store(0, at: position) }
        copy(bytes, to: offset)
    }
}
