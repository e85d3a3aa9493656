/// The internet checksum: the ones' complement of the ones' complement sum of 16-bit words (RFC 1071).
public struct InternetChecksum: Sendable {
    @usableFromInline var sum: UInt64 = 0

    @inlinable public init() {}

    /// Adds one 16-bit number as it stands in network byte order.
    @inlinable public mutating func add(_ word: UInt16) { sum &+= UInt64(word.bigEndian) }

    @inlinable public mutating func add(_ number: UInt32) { sum &+= UInt64(number.bigEndian) }

    @inlinable public mutating func add(_ number: UInt64) {
        add(UInt32(truncatingIfNeeded: number >> 32))
        add(UInt32(truncatingIfNeeded: number))
    }

    /// Adds the address as a pseudo-header has it: 4 bytes or 16.
    @inlinable public mutating func add(_ address: IPAddress) {
        if address.isIPv4 {
            add(address.v4Bits)
        } else {
            add(address.high)
            add(address.low)
        }
    }

    /// Adds all bytes; an odd last byte counts as the high half of a word, so only the last call may be odd, unless
    /// what follows is added with `afterOdd`.
    @inlinable public mutating func add(_ bytes: RawSpan) {
        // Sums of 32-bit words in 64 bits fold to the same result and can't overflow below 16 GiB (RFC 1071, section 2).
        sum &+= bytes.sumOfNative32()
        var offset = bytes.byteCount & ~3
        if offset &+ 2 <= bytes.byteCount {
            add(bytes.bigEndian16(at: offset))
            offset &+= 2
        }
        if offset < bytes.byteCount { add(UInt16(bytes.byte(at: offset)) << 8) }
    }

    /// Adds bytes. Behind an odd number of others each falls into the other half of its word, so the sum comes out with its bytes
    /// swapped (RFC 1071, section 2 (B)).
    @inlinable public mutating func add(_ bytes: RawSpan, afterOdd isOdd: Bool) {
        guard isOdd else { return add(bytes) }
        var swapped = InternetChecksum()
        swapped.add(bytes)
        sum &+= UInt64(swapped.folded.byteSwapped)
    }

    /// The sum folded to 16 bits, of words as they were loaded: not converted from network byte order.
    @inlinable var folded: UInt16 {
        var folded = (sum >> 32) &+ (sum & 0xffff_ffff)
        folded = (folded >> 16) &+ (folded & 0xffff)
        folded = (folded >> 16) &+ (folded & 0xffff)
        folded = (folded >> 16) &+ (folded & 0xffff)
        return UInt16(truncatingIfNeeded: folded)
    }

    /// The checksum to store, in host byte order (store it big-endian).
    @inlinable public var value: UInt16 { ~UInt16(bigEndian: folded) }
}
