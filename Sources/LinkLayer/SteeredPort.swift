/// Which of a packet's two TCP ports is the client's.
public enum SteeredPort: Sendable {
    /// In what clients send.
    case source
    /// In what servers answer.
    case destination

    /// In the TCP header (RFC 9293, section 3.1).
    var offset: UInt32 { self == .source ? 0 : 2 }
}
