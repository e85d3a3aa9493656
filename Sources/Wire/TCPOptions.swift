/// The TCP options that a replay understands; others are passed over.
///
/// Sources: RFC 9293, section 3.2 (MSS); RFC 7323 (window scale, timestamps); RFC 2018 (SACK).
public struct TCPOptions: Hashable, Sendable {
    public var maximumSegmentSize: UInt16?
    /// The shift count as sent; more than 14 counts as 14 (RFC 7323, section 2.3).
    public var windowScale: UInt8?
    public var timestamps: TCPTimestamps?
    public var sackPermitted = false
    public var sackBlocks = SACKBlocks()

    @inlinable public init() {}

    /// What the kinds of RFC 9293's option table are numbered.
    enum Kind {
        static let end: UInt8 = 0
        static let noOperation: UInt8 = 1
        static let maximumSegmentSize: UInt8 = 2
        static let windowScale: UInt8 = 3
        static let sackPermitted: UInt8 = 4
        static let sack: UInt8 = 5
        static let timestamps: UInt8 = 8
    }
}

extension TCPOptions {
    /// Reads the option area of a header. An option that runs past the area ends the reading with an error;
    /// a known kind with an unknown length is passed over, as receivers do.
    ///
    /// - Parameter offset: where the area starts in the frame, for the error.
    public init(_ bytes: RawSpan, at offset: Int = 0) throws(WireError) {
        self.init()
        if let position = read(bytes) { throw WireError(.badLength, at: offset + position) }
    }

    /// Reads an option area that was cut anywhere: the options before the first that runs past it.
    public init(cut bytes: RawSpan) {
        self.init()
        _ = read(bytes)
    }

    /// The position of the option that runs past the area, if one does.
    private mutating func read(_ bytes: RawSpan) -> Int? {
        var position = 0
        while position < bytes.byteCount {
            let kind = bytes.byte(at: position)
            if kind == Kind.end { return nil }
            if kind == Kind.noOperation {
                position += 1
                continue
            }
            guard position + 1 < bytes.byteCount else { return position }
            let length = Int(bytes.byte(at: position + 1))
            guard length >= 2, position + length <= bytes.byteCount else { return position }
            read(kind, bytes.extracting(position..<position + length))
            position += length
        }
        return nil
    }

    private mutating func read(_ kind: UInt8, _ option: RawSpan) {
        switch (kind, option.byteCount) {
        case (Kind.timestamps, 10):
            timestamps = TCPTimestamps(value: option.bigEndian32(at: 2), echo: option.bigEndian32(at: 6))
        case (Kind.maximumSegmentSize, 4): maximumSegmentSize = option.bigEndian16(at: 2)
        case (Kind.windowScale, 3): windowScale = option.byte(at: 2)
        case (Kind.sackPermitted, 2): sackPermitted = true
        case (Kind.sack, let length) where length % 8 == 2:
            for block in stride(from: 2, to: length, by: 8) {
                sackBlocks.append(
                    SequenceRange(
                        SequenceNumber(option.bigEndian32(at: block)), SequenceNumber(option.bigEndian32(at: block + 4))
                    ))
            }
        default: break
        }
    }
}

extension TCPOptions {
    /// Bytes that `write` needs, a multiple of four. At most 40 for what one segment may carry: SACK blocks beyond the
    /// room that is left are not written.
    public var byteCount: Int { fixedByteCount + (writableBlocks == 0 ? 0 : 4 + 8 * writableBlocks) }

    private var fixedByteCount: Int {
        (maximumSegmentSize == nil ? 0 : 4) + (windowScale == nil ? 0 : 4) + (sackPermitted ? 4 : 0)
            + (timestamps == nil ? 0 : 12)
    }

    private var writableBlocks: Int { max(0, min(sackBlocks.count, (40 - fixedByteCount - 4) / 8)) }

    /// Writes the options from `offset` on, each padded to four bytes by NOPs before it, as Linux lays them out.
    @_lifetime(bytes: copy bytes)
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        var position = offset
        func word(_ one: UInt8, _ two: UInt8, _ three: UInt8, _ four: UInt8) -> UInt32 {
            UInt32(one) << 24 | UInt32(two) << 16 | UInt32(three) << 8 | UInt32(four)
        }
        if let size = maximumSegmentSize {
            bytes.storeBigEndian(UInt32(Kind.maximumSegmentSize) << 24 | 4 << 16 | UInt32(size), at: position)
            position += 4
        }
        if sackPermitted {
            bytes.storeBigEndian(word(Kind.noOperation, Kind.noOperation, Kind.sackPermitted, 2), at: position)
            position += 4
        }
        if let timestamps {
            bytes.storeBigEndian(word(Kind.noOperation, Kind.noOperation, Kind.timestamps, 10), at: position)
            bytes.storeBigEndian(timestamps.value, at: position + 4)
            bytes.storeBigEndian(timestamps.echo, at: position + 8)
            position += 12
        }
        if let scale = windowScale {
            bytes.storeBigEndian(word(Kind.noOperation, Kind.windowScale, 3, scale), at: position)
            position += 4
        }
        let blocks = writableBlocks
        if blocks > 0 {
            bytes.storeBigEndian(
                word(Kind.noOperation, Kind.noOperation, Kind.sack, UInt8(2 + 8 * blocks)), at: position)
            for index in 0..<blocks {
                bytes.storeBigEndian(sackBlocks[index].start.rawValue, at: position + 4 + 8 * index)
                bytes.storeBigEndian(sackBlocks[index].end.rawValue, at: position + 8 + 8 * index)
            }
        }
    }
}
