/// Up to four blocks that the receiver holds beyond its acknowledgement, the newest first (RFC 2018, section 3).
public struct SACKBlocks: Sendable {
    public static let capacity = 4

    @usableFromInline var storage = InlineArray<4, SequenceRange>(repeating: SequenceRange(.init(0), .init(0)))
    @usableFromInline var used: UInt8 = 0

    @inlinable public init() {}

    @inlinable public var count: Int { Int(used) }
    @inlinable public var isEmpty: Bool { used == 0 }
    @inlinable public subscript(_ index: Int) -> SequenceRange { storage[index] }

    /// Adds a block; false, and nothing added, when four are held already.
    @inlinable @discardableResult public mutating func append(_ block: SequenceRange) -> Bool {
        guard count < Self.capacity else { return false }
        storage[count] = block
        used += 1
        return true
    }
}

extension SACKBlocks: Hashable {
    public static func == (one: SACKBlocks, other: SACKBlocks) -> Bool {
        one.count == other.count && (0..<one.count).allSatisfy { one[$0] == other[$0] }
    }

    public func hash(into hasher: inout Hasher) {
        for index in 0..<count { hasher.combine(self[index]) }
    }
}
