import Wire

/// The response headers that arrived together, to be taken one by one: `while let header = headers.next()`.
///
/// Those that are not taken are dropped when the call that lent the batch returns.
public struct RelayedHeaders: ~Copyable {
    private(set) var decoder = RelayDecoder()
    /// In the place of the other, where TCPCopy 1.x is spoken.
    private(set) var version1: Version1HeaderDecoder?
    private(set) var fault: RelayFault?
    /// Headers taken so far.
    private(set) var count = 0

    init(_ decoder: RelayDecoder) { self.decoder = decoder }

    init(_ decoder: Version1HeaderDecoder) { version1 = decoder }

    /// The next header; its flow goes from target endpoint to replay client. Nil after the last.
    public mutating func next() -> SegmentHeader? {
        guard fault == nil else { return nil }
        do {
            guard let header = try version1 == nil ? decoder.nextHeader() : version1?.next() else { return nil }
            count += 1
            return header
        } catch {
            fault = error
            return nil
        }
    }
}
