/// A network: all addresses that share their first `length` bits.
public struct AddressPrefix: Hashable, Sendable {
    /// The first address; bits beyond `length` are zero.
    public let address: IPAddress
    /// 0–32 for IPv4, 0–128 for IPv6.
    public let length: Int

    /// Nil when `length` does not fit the address's family. Bits beyond `length` are cleared.
    public init?(_ address: IPAddress, length: Int) {
        guard (0...address.bitWidth).contains(length) else { return nil }
        self.length = length
        let mask = Self.mask(length + (address.isIPv4 ? 96 : 0))
        self.address = IPAddress(high: address.high & mask.high, low: address.low & mask.low)
    }

    public func contains(_ other: IPAddress) -> Bool {
        guard other.isIPv4 == address.isIPv4 else { return false }
        let mask = Self.mask(length + (address.isIPv4 ? 96 : 0))
        return other.high & mask.high == address.high && other.low & mask.low == address.low
    }

    /// Whether some address lies in both.
    public func overlaps(_ other: AddressPrefix) -> Bool {
        length <= other.length ? contains(other.address) : other.contains(address)
    }

    private static func mask(_ length: Int) -> (high: UInt64, low: UInt64) {
        (leading(min(length, 64)), leading(max(length - 64, 0)))
    }

    private static func leading(_ bits: Int) -> UInt64 {
        bits == 0 ? 0 : UInt64.max << UInt64(64 - bits)
    }
}

extension AddressPrefix: LosslessStringConvertible {
    /// Reads `10.0.0.0/8`, `2001:db8::/32`, or a lone address for a network of one.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        guard parts.count == 2 else {
            self.init(address, length: address.bitWidth)
            return
        }
        guard parts[1].allSatisfy({ $0.isASCII && $0.isNumber }), let length = Int(parts[1]) else { return nil }
        self.init(address, length: length)
    }

    public var description: String { "\(address)/\(length)" }
}
