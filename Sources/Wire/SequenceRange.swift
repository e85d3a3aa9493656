/// Bytes from `start` up to but without `end`, as a SACK block names them.
public struct SequenceRange: Hashable, Sendable {
    public var start: SequenceNumber
    public var end: SequenceNumber

    @inlinable public init(_ start: SequenceNumber, _ end: SequenceNumber) {
        self.start = start
        self.end = end
    }
}
