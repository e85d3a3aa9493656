import NIOCore
import Wire

/// Cuts what a tcpcopy of TCPCopy 1.x sends into records, its first one included.
///
/// After a fault the stream can't be read on; the connection is to be closed.
struct Version1RecordDecoder {
    private var buffer = ByteBuffer()
    private var isVersionKnown = false

    /// Takes over bytes that arrived; they may end anywhere.
    mutating func receive(_ bytes: ByteBuffer) { buffer.append(arrived: bytes) }

    /// The next record that has arrived whole, or nil.
    mutating func next() throws(RelayFault) -> Version1Record? {
        guard buffer.readableBytes >= Version1.recordByteCount else { return nil }
        defer { buffer.moveReaderIndex(forwardBy: Version1.recordByteCount) }
        let isFirst = !isVersionKnown
        isVersionKnown = true
        let bytes = buffer.readableBytesSpan.extracting(..<Version1.recordByteCount)
        guard isFirst else { return try Version1Record(bytes) }
        try Version1Record.checkFirst(bytes)
        return .version
    }
}
