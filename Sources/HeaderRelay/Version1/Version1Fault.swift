/// What is wrong with the bytes of somebody who speaks, or should speak, the protocol of TCPCopy 1.x.
public enum Version1Fault: Equatable, Sendable {
    /// A tcpcopy of another internal version.
    case otherVersion(UInt16)
    /// The first record holds more than the version.
    case badFirstRecord
    case unknownType(UInt16)
    /// A batch of more headers than may be in one.
    case oversizedBatch(Int)
    /// A header record that is no TCP segment in IPv4.
    case badHeader
}

extension Version1Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .otherVersion(let version):
            "it speaks internal version \(version) of TCPCopy 1.x's relay protocol, this build version "
                + "\(Version1.internalVersion)"
        case .badFirstRecord: "its first record is not that of TCPCopy 1.x"
        case .unknownType(let type): "it sent a record of unknown type \(type)"
        case .oversizedBatch(let count):
            "it sent a batch of \(count) headers, more than the \(Version1.headersPerBatch) that TCPCopy 1.x sends"
        case .badHeader: "it sent a header that is no TCP segment in IPv4"
        }
    }
}
