import NIOCore
import Wire

/// Cuts a relay connection's byte stream into messages. It allocates nothing for a header that arrived whole.
///
/// After a fault the stream can't be read on; the connection is to be closed.
struct RelayDecoder {
    private var buffer = ByteBuffer()
    private var isGreeted = false

    /// Takes over bytes that arrived; they may end anywhere.
    mutating func receive(_ bytes: ByteBuffer) { buffer.append(arrived: bytes) }

    /// What has arrived and was not read yet; after a fault of the preamble all of it.
    var unread: ByteBuffer { buffer }

    /// The next message that has arrived whole, or nil.
    mutating func next() throws(RelayFault) -> RelayMessage? {
        while let length = try nextLength() {
            defer { buffer.moveReaderIndex(forwardBy: length) }
            if let message = try RelayMessage(buffer.readableBytesSpan.extracting(..<length)) { return message }
        }
        return nil
    }

    /// The next message if it is a header that has arrived whole, else nil.
    mutating func nextHeader() throws(RelayFault) -> SegmentHeader? {
        guard let length = try nextLength(), let kind = nextHeaderKind else { return nil }
        defer { buffer.moveReaderIndex(forwardBy: length) }
        return try SegmentHeader(relayed: buffer.readableBytesSpan.extracting(..<length), kind: kind)
    }

    /// Whether the next message is a header that has arrived whole.
    mutating func isAtHeader() throws(RelayFault) -> Bool {
        try nextLength() != nil && nextHeaderKind != nil
    }

    /// The next message if it is an answer of UDP that has arrived whole, else nil.
    mutating func nextAnswer() throws(RelayFault) -> DatagramHeader? {
        guard let length = try nextLength(), let kind = nextAnswerKind else { return nil }
        defer { buffer.moveReaderIndex(forwardBy: length) }
        return try DatagramHeader(relayed: buffer.readableBytesSpan.extracting(..<length), kind: kind)
    }

    /// Whether the next message is an answer of UDP that has arrived whole.
    mutating func isAtAnswer() throws(RelayFault) -> Bool {
        try nextLength() != nil && nextAnswerKind != nil
    }

    private var nextHeaderKind: RelayMessage.Kind? {
        let kind = RelayMessage.Kind(rawValue: buffer.readableBytesSpan.byte(at: 2))
        return kind == .headerIPv4 || kind == .headerIPv6 ? kind : nil
    }

    private var nextAnswerKind: RelayMessage.Kind? {
        let kind = RelayMessage.Kind(rawValue: buffer.readableBytesSpan.byte(at: 2))
        return kind == .answerIPv4 || kind == .answerIPv6 ? kind : nil
    }

    /// Bytes of the next message, nil while it has not arrived whole.
    private mutating func nextLength() throws(RelayFault) -> Int? {
        if !isGreeted {
            guard buffer.readableBytes >= RelayPreamble.byteCount else { return nil }
            let preamble = RelayPreamble(buffer.readableBytesSpan.bigEndian64(at: 0))
            guard preamble == .version(RelayProtocol.version) else { throw .preamble(preamble) }
            buffer.moveReaderIndex(forwardBy: RelayPreamble.byteCount)
            isGreeted = true
        }
        guard buffer.readableBytes >= RelayMessage.headByteCount else { return nil }
        let head = buffer.readableBytesSpan
        let length = Int(head.bigEndian16(at: 0))
        guard length >= RelayMessage.headByteCount else {
            throw .badLength(kind: head.byte(at: 2), length: length)
        }
        guard length <= RelayProtocol.maximumMessageLength else { throw .oversized(length: length) }
        return buffer.readableBytes >= length ? length : nil
    }
}
