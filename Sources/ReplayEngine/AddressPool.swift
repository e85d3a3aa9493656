import Wire

/// The addresses that stand for clients (`-c`), in their order: networks of either family.
public struct AddressPool: Equatable, Sendable {
    private struct Range: Equatable, Sendable {
        var first: IPAddress
        var count: UInt64
    }

    /// The networks as given.
    public let prefixes: [AddressPrefix]
    private let ranges: [Range]
    /// How many addresses there are, at most 2³² a network.
    public let count: UInt64

    /// A network's own address and its broadcast address are left out where it has both (IPv4, shorter than /31), and
    /// so is the subnet-router anycast address (RFC 4291, section 2.6.1).
    public init(_ prefixes: [AddressPrefix]) {
        self.prefixes = prefixes
        ranges = prefixes.map { prefix in
            let hostBits = prefix.address.bitWidth - prefix.length
            let size: UInt64 = 1 << UInt64(min(hostBits, 32))
            guard hostBits > 1 else { return Range(first: prefix.address, count: size) }
            var first = prefix.address
            first.low += 1
            return Range(first: first, count: size - (prefix.address.isIPv4 ? 2 : 1))
        }
        count = ranges.reduce(0) { $0 + $1.count }
    }

    /// The address at a position below `count`.
    subscript(position: UInt64) -> IPAddress {
        var left = position
        for range in ranges {
            if left < range.count {
                var address = range.first
                address.low &+= left
                return address
            }
            left -= range.count
        }
        preconditionFailure("a position lies below the pool's count")
    }

    public func contains(_ address: IPAddress) -> Bool { prefixes.contains { $0.contains(address) } }

    /// The part of one address family.
    func family(isIPv4: Bool) -> AddressPool { AddressPool(prefixes.filter { $0.address.isIPv4 == isIPv4 }) }
}
