import NIOCore
import Wire

/// Cuts what an intercept of TCPCopy 1.x sends into headers: batches of up to 16 records, a count of 16 bits before each.
///
/// After a fault the stream can't be read on; the connection is to be closed.
struct Version1HeaderDecoder {
    private var buffer = ByteBuffer()
    /// Records of the current batch that are still to come.
    private var expected = 0

    /// Takes over bytes that arrived; they may end anywhere.
    mutating func receive(_ bytes: ByteBuffer) { buffer.append(arrived: bytes) }

    /// The next header that has arrived whole, or nil. It need not wait for the rest of its batch.
    mutating func next() throws(RelayFault) -> SegmentHeader? {
        guard try isAtHeader() else { return nil }
        expected -= 1
        defer { buffer.moveReaderIndex(forwardBy: Version1.headerByteCount) }
        return try SegmentHeader(version1: buffer.readableBytesSpan.extracting(..<Version1.headerByteCount))
    }

    /// Whether a header has arrived whole.
    mutating func isAtHeader() throws(RelayFault) -> Bool {
        while expected == 0 {
            guard let count = buffer.readInteger(as: UInt16.self) else { return false }
            guard count <= Version1.headersPerBatch else { throw .version1(.oversizedBatch(Int(count))) }
            expected = Int(count)
        }
        return buffer.readableBytes >= Version1.headerByteCount
    }
}
