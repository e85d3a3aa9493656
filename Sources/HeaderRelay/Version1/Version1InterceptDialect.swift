import NIOCore
import Wire

/// What becomes of the records that tcpcopy hosts of TCPCopy 1.x send.
protocol Version1Listener: AnyObject {
    func version1Opened(_ connection: RelayConnection)
    func added(_ session: Version1Session, by connection: RelayConnection)
    func deleted(_ session: Version1Session, by connection: RelayConnection)
    /// All records that had arrived were handed on.
    func version1Settled()
}

/// How intercept speaks with a tcpcopy of TCPCopy 1.x: records in, batches of headers out.
final class Version1InterceptDialect: RelayDialect {
    private let listener: any Version1Listener
    private var decoder = Version1RecordDecoder()
    private var batches = Version1BatchWriter()

    init(listener: any Version1Listener) { self.listener = listener }

    override func begin(on connection: RelayConnection) { connection.probeWhenSilent() }

    override func relay(_ header: borrowing SegmentHeader, on connection: RelayConnection) {
        batches.write(header, to: &connection.outgoing)
    }

    override func onFlushed(_ connection: RelayConnection) { batches.onFlushed() }

    override func receive(_ bytes: ByteBuffer, on connection: RelayConnection) throws(RelayFault) {
        decoder.receive(bytes)
        defer { listener.version1Settled() }
        while connection.isOpen, let record = try decoder.next() {
            switch record {
            case .version: listener.version1Opened(connection)
            case .add(let session): listener.added(session, by: connection)
            case .delete(let session): listener.deleted(session, by: connection)
            }
        }
    }
}
