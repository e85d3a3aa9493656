/// What is wrong with the bytes that the other side sent. The connection is closed for it.
public enum RelayFault: Error, Equatable, Sendable {
    /// The first bytes are not this protocol's, or another version's.
    case preamble(RelayPreamble)
    /// A message longer than any may be.
    case oversized(length: Int)
    /// A message whose length does not fit its kind.
    case badLength(kind: UInt8, length: Int)
    case unknownKind(UInt8)
    /// A field holds what it must not.
    case malformed(kind: UInt8)
    /// A message that this side never gets, or not now.
    case unexpected(kind: UInt8)
    /// In the protocol of TCPCopy 1.x.
    case version1(Version1Fault)
}

extension RelayFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .preamble(.version(let version)):
            "it speaks version \(version) of the relay protocol, this build version \(RelayProtocol.version)"
        case .preamble(.tcpcopy1): "it speaks the protocol of TCPCopy 1.x, which is not expected here"
        case .preamble(.foreign): "it does not speak the relay protocol"
        case .oversized(let length): "it sent a message of \(length) bytes, longer than any may be"
        case .badLength(let kind, let length): "it sent a message of kind \(kind) with a wrong length, \(length)"
        case .unknownKind(let kind): "it sent a message of unknown kind \(kind)"
        case .malformed(let kind): "it sent a malformed message of kind \(kind)"
        case .unexpected(let kind): "it sent a message of kind \(kind) out of turn"
        case .version1(let fault): fault.description
        }
    }
}
