/// One of `count` equal shares of all sessions, told apart by the replay's client-side port.
///
/// The hash is part of the relay protocol and is computed by the kernel's classic BPF too, so it uses 32-bit multiply,
/// mask and shift only: `((port × 40503 mod 2¹⁶) × count) >> 16`. 40503 is 2¹⁶ divided by the golden ratio (Knuth,
/// volume 3, section 6.4), which spreads ports evenly though kernels favour one parity.
public struct Slice: Hashable, Sendable {
    public let index: UInt16
    public let count: UInt16

    public static let whole = Slice(index: 0, count: 1)

    /// Precondition: `index < count`.
    public init(index: UInt16, count: UInt16) {
        precondition(index < count, "a slice's index lies below its count")
        self.index = index
        self.count = count
    }

    /// The slice of `count` that a replay with this client port belongs to.
    @inlinable public static func index(ofPort port: UInt16, count: UInt16) -> UInt16 {
        // `>>` binds more tightly than `&*`.
        UInt16(truncatingIfNeeded: (((UInt32(port) &* 40503) & 0xffff) &* UInt32(count)) >> 16)
    }

    @inlinable public func contains(port: UInt16) -> Bool { Slice.index(ofPort: port, count: count) == index }

    /// Whether every port of the other lies in this one.
    public func contains(_ other: Slice) -> Bool {
        let (own, others) = (Int(count), Int(other.count))
        return Int(index) * others <= Int(other.index) * own
            && (Int(other.index) + 1) * own <= (Int(index) + 1) * others
    }

    /// Whether some port lies in both.
    public func overlaps(_ other: Slice) -> Bool {
        let (first, second) = (Int(index) * Int(other.count), Int(other.index) * Int(count))
        return first < second + Int(count) && second < first + Int(other.count)
    }
}
