import Wire
import NIOCore

/// The protocol that one connection speaks: which bytes mean what. Each connection has an object of its own.
///
/// A class to inherit from rather than a Swift protocol, since a header passes through it.
class RelayDialect {
    /// Headers that were received.
    fileprivate(set) var receivedHeaders = 0

    /// The connection came about, or changes to this dialect.
    func begin(on connection: RelayConnection) {}

    /// Reads bytes that have arrived; they may end anywhere.
    func receive(_ bytes: ByteBuffer, on connection: RelayConnection) throws(RelayFault) {}

    /// Writes a message into the connection's buffer.
    func send(_ message: RelayMessage, on connection: RelayConnection) {}

    /// Writes a header into the connection's buffer.
    func relay(_ header: borrowing SegmentHeader, on connection: RelayConnection) {}

    /// Writes whole messages, written elsewhere, into the connection's buffer.
    func forward(_ bytes: ByteBuffer, on connection: RelayConnection) {
        connection.outgoing.writeImmutableBuffer(bytes)
    }

    /// Writes an answer of UDP into the connection's buffer, where the protocol knows of such.
    func relay(_ answer: DatagramHeader, on connection: RelayConnection) {}

    /// What was written is on its way.
    func onFlushed(_ connection: RelayConnection) {}

    /// Called about once a second.
    func tick(on connection: RelayConnection) {}
}

extension RelayDialect {
    /// Lends headers that have arrived to the connection's owner and returns what is behind them.
    func lend(_ headers: consuming RelayedHeaders, on connection: RelayConnection) throws(RelayFault) -> RelayedHeaders
    {
        connection.owner.received(&headers, on: connection)
        while headers.next() != nil {}
        receivedHeaders += headers.count
        if let fault = headers.fault { throw fault }
        return headers
    }

    /// The same with answers of UDP.
    func lend(_ answers: consuming RelayedAnswers, on connection: RelayConnection) throws(RelayFault) -> RelayedAnswers
    {
        connection.owner.received(&answers, on: connection)
        while answers.next() != nil {}
        receivedHeaders += answers.count
        if let fault = answers.fault { throw fault }
        return answers
    }
}
