/// An IPv4 or IPv6 address in 16 bytes; IPv4 is held in its mapped form (::ffff:a.b.c.d, RFC 4291, section 2.5.5.2).
///
/// An IPv4-mapped IPv6 address never appears on the wire, so the two families can't be confused.
public struct IPAddress: Hashable, Sendable {
    /// The first and the last eight bytes, as numbers.
    public var high: UInt64
    public var low: UInt64

    @inlinable public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The IPv4 address with these 32 bits, `0x7f000001` for 127.0.0.1.
    @inlinable public init(v4 bits: UInt32) {
        self.init(high: 0, low: 0x0000_ffff_0000_0000 | UInt64(bits))
    }

    @inlinable public var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }
    /// The 32 bits of an IPv4 address. Meaningless for IPv6.
    @inlinable public var v4Bits: UInt32 { UInt32(truncatingIfNeeded: low) }
    /// 32 or 128.
    @inlinable public var bitWidth: Int { isIPv4 ? 32 : 128 }

    public var isLoopback: Bool { isIPv4 ? v4Bits >> 24 == 127 : high == 0 && low == 1 }
    public var isUnspecified: Bool { isIPv4 ? v4Bits == 0 : high == 0 && low == 0 }
    public var isMulticast: Bool { isIPv4 ? v4Bits >> 28 == 0xe : high >> 56 == 0xff }
    /// fe80::/10, which means something on one link only.
    public var isLinkLocal: Bool { isIPv4 ? v4Bits >> 16 == 0xa9fe : high >> 54 == 0x3fa }
}
