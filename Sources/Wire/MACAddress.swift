/// A 48-bit Ethernet address, held in the low bits of a number.
public struct MACAddress: Hashable, Sendable {
    public let bits: UInt64

    /// Bits above the 48th are cleared.
    @inlinable public init(bits: UInt64) { self.bits = bits & 0xffff_ffff_ffff }

    public static let broadcast = MACAddress(bits: .max)
    public static let zero = MACAddress(bits: 0)

    /// The six bytes at `offset`. Precondition: in bounds.
    @inlinable public init(_ bytes: RawSpan, at offset: Int) {
        bits = UInt64(bytes.bigEndian16(at: offset)) << 32 | UInt64(bytes.bigEndian32(at: offset + 2))
    }

    /// Whether it names a group of stations rather than one.
    public var isMulticast: Bool { bits >> 40 & 1 == 1 }

    @inlinable @_lifetime(bytes: copy bytes)
    public func write(to bytes: inout MutableRawSpan, at offset: Int) {
        bytes.storeBigEndian(UInt16(truncatingIfNeeded: bits >> 32), at: offset)
        bytes.storeBigEndian(UInt32(truncatingIfNeeded: bits), at: offset + 2)
    }
}

extension MACAddress: LosslessStringConvertible {
    /// Reads `02:00:5e:10:00:01`, also with hyphens; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
        guard parts.count == 6 else { return nil }
        var bits: UInt64 = 0
        for part in parts {
            guard (1...2).contains(part.count), part.allSatisfy(\.isHexDigit), let octet = UInt8(part, radix: 16) else {
                return nil
            }
            bits = bits << 8 | UInt64(octet)
        }
        self.init(bits: bits)
    }

    public var description: String {
        stride(from: 40, through: 0, by: -8).map { shift in
            let octet = String(bits >> UInt64(shift) & 0xff, radix: 16)
            return octet.count == 1 ? "0" + octet : octet
        }.joined(separator: ":")
    }
}
