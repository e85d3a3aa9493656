import NIOCore
import Wire

/// What a tcpcopy of TCPCopy 1.x says, in 14 bytes, numbers in network order:
///
/// ```
/// 0 client address 32   4 client port 16   6 type 16   8 target address 32   12 target port 16
/// ```
enum Version1Record: Equatable, Sendable {
    /// First of all: the internal version in the place of the type, all else zero.
    case version
    /// Type 1: the responses of this session are asked for, from now on on this connection.
    case add(Version1Session)
    /// Type 2: the session has ended. TCPCopy 1.0 never says so.
    case delete(Version1Session)

    fileprivate enum Offset {
        static let clientAddress = 0
        static let clientPort = 4
        static let type = 6
        static let targetAddress = 8
        static let targetPort = 12
    }

    private static let addType: UInt16 = 1
    private static let deleteType: UInt16 = 2

    /// Appends the record to `buffer`.
    func write(to buffer: inout ByteBuffer) {
        switch self {
        case .version:
            let none = Version1Session(clientAddress: 0, clientPort: 0, targetAddress: 0, targetPort: 0)
            Self.write(none, type: Version1.internalVersion, to: &buffer)
        case .add(let session): Self.write(session, type: Self.addType, to: &buffer)
        case .delete(let session): Self.write(session, type: Self.deleteType, to: &buffer)
        }
    }

    private static func write(_ session: Version1Session, type: UInt16, to buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(session.clientAddress, session.clientPort, type)
        buffer.writeMultipleIntegers(session.targetAddress, session.targetPort)
    }

    /// Reads the first record of a connection, of which `bytes` are all.
    static func checkFirst(_ bytes: RawSpan) throws(RelayFault) {
        let session = Version1Session(bytes)
        let type = bytes.bigEndian16(at: Offset.type)
        guard session == Version1Session(clientAddress: 0, clientPort: 0, targetAddress: 0, targetPort: 0) else {
            throw .version1(.badFirstRecord)
        }
        guard type == Version1.internalVersion else { throw .version1(.otherVersion(type)) }
    }

    /// Reads any later record, of which `bytes` are all.
    init(_ bytes: RawSpan) throws(RelayFault) {
        let session = Version1Session(bytes)
        switch bytes.bigEndian16(at: Offset.type) {
        case Self.addType: self = .add(session)
        case Self.deleteType: self = .delete(session)
        case let type: throw .version1(.unknownType(type))
        }
    }
}

extension Version1Session {
    fileprivate init(_ record: RawSpan) {
        self.init(
            clientAddress: record.bigEndian32(at: Version1Record.Offset.clientAddress),
            clientPort: record.bigEndian16(at: Version1Record.Offset.clientPort),
            targetAddress: record.bigEndian32(at: Version1Record.Offset.targetAddress),
            targetPort: record.bigEndian16(at: Version1Record.Offset.targetPort))
    }
}
