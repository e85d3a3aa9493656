/// A TCP sequence number: a point on a circle of 2³², so it has distance and precedence but no order.
///
/// Source: RFC 9293, section 3.4.
public struct SequenceNumber: Hashable, Sendable {
    public var rawValue: UInt32

    @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// The bytes from `self` to `other`, negative when `other` lies behind; exact while they are less than 2³¹ apart.
    @inlinable public func distance(to other: SequenceNumber) -> Int {
        Int(Int32(bitPattern: other.rawValue &- rawValue))
    }

    /// The number `count` bytes further on (or back), round the circle.
    @inlinable public func advanced(by count: Int) -> SequenceNumber {
        SequenceNumber(rawValue &+ UInt32(truncatingIfNeeded: count))
    }

    /// Whether `self` lies before `other` on the shorter arc; a number does not precede itself.
    @inlinable public func precedes(_ other: SequenceNumber) -> Bool { distance(to: other) > 0 }

    /// Whether `self` lies before `other` or is it.
    @inlinable public func precedesOrEquals(_ other: SequenceNumber) -> Bool { distance(to: other) >= 0 }

    /// The one that lies further on.
    @inlinable public static func later(_ one: SequenceNumber, _ other: SequenceNumber) -> SequenceNumber {
        one.precedes(other) ? other : one
    }
}

extension SequenceNumber: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
