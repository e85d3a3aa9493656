/// The numbers of TCPCopy 1.x's relay protocol, which it calls its internal version 6; docs/relay-protocol.md has the
/// layouts. All records have a fixed size, and nothing is ever answered.
enum Version1 {
    /// The internal version that this build speaks.
    static let internalVersion: UInt16 = 6
    /// Bytes of a record that tcpcopy sends.
    static let recordByteCount = 14
    /// Bytes of a header record that intercept sends.
    static let headerByteCount = 64
    /// Bytes of TCP options in a header record.
    static let optionByteCount = 24
    /// Header records in a batch, which a count of 16 bits precedes.
    static let headersPerBatch = 16
}
