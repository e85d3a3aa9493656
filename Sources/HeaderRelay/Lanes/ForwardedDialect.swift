import NIOCore
import Wire

/// How messages are written for a connection that lives on another loop, where all else of its dialect is spoken.
final class ForwardedDialect: RelayDialect {
    override func send(_ message: RelayMessage, on connection: RelayConnection) {
        message.write(to: &connection.outgoing)
    }

    override func relay(_ header: borrowing SegmentHeader, on connection: RelayConnection) {
        header.writeRelayed(to: &connection.outgoing)
    }

    override func relay(_ answer: DatagramHeader, on connection: RelayConnection) {
        answer.writeRelayed(to: &connection.outgoing)
    }
}
