import NIOCore
import Wire

/// Gathers headers into batches as an intercept of TCPCopy 1.x sends them; the count before each is kept up to date.
struct Version1BatchWriter {
    /// Headers in the batch that was begun last.
    private var count = 0
    /// Where in the buffer its count stands.
    private var countAt = 0

    /// What remains of 64 KiB beside an IPv4 header and a TCP header with all options that a record holds.
    static let longestPayload = 65_535 - 40 - Version1.optionByteCount

    /// Appends `header` to the batch at the end of `buffer`, or to a new one. A super-segment beyond what 16 bits can
    /// tell becomes several.
    mutating func write(_ header: borrowing SegmentHeader, to buffer: inout ByteBuffer) {
        guard header.payloadLength > Self.longestPayload else { return append(header, to: &buffer) }
        var part = copy header
        var rest = header.payloadLength
        part.flags.subtract([.psh, .fin])
        while rest > Self.longestPayload {
            part.payloadLength = Self.longestPayload
            append(part, to: &buffer)
            part.sequence = part.sequence.advanced(by: part.sequenceLength)
            part.flags.remove(.syn)
            rest -= Self.longestPayload
        }
        part.payloadLength = rest
        part.flags = header.flags.subtracting(.syn)
        append(part, to: &buffer)
    }

    /// The buffer was handed on: the next header begins a batch.
    mutating func onFlushed() { count = 0 }

    private mutating func append(_ header: borrowing SegmentHeader, to buffer: inout ByteBuffer) {
        if count == 0 || count == Version1.headersPerBatch {
            count = 0
            countAt = buffer.writerIndex
            buffer.writeInteger(0 as UInt16)
        }
        count += 1
        buffer.setInteger(UInt16(count), at: countAt)
        header.writeVersion1(to: &buffer)
    }
}
