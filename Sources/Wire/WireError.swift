/// Why bytes are not the packet they claim to be, and where that was seen.
public struct WireError: Error, Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// The capture ends before the header does.
        case truncated
        /// A length field contradicts the bytes that are there.
        case badLength
        /// A version or header value that the format does not allow.
        case malformed
        /// A well-formed packet of a protocol that is not looked at (ARP, UDP where TCP is asked for, …).
        case otherProtocol
        /// Part of an IP datagram; only whole ones carry a readable segment.
        case fragment
    }

    public let kind: Kind
    /// Bytes from the start of the frame to where the fault lies.
    public let offset: Int

    @inlinable public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }
}
