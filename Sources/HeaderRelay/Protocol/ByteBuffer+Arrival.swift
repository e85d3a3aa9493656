import NIOCore

extension ByteBuffer {
    /// Takes over bytes that arrived after those that are waiting already, without a copy when none are.
    mutating func append(arrived bytes: ByteBuffer) {
        guard readableBytes > 0 else {
            self = bytes
            return
        }
        discardReadBytes()
        writeImmutableBuffer(bytes)
    }
}
