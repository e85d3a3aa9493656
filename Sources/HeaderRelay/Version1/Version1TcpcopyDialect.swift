import NIOCore
import Wire

/// How tcpcopy speaks with an intercept of TCPCopy 1.x.
///
/// To the relay client this looks like an intercept that requires announcements from the start and grants every one:
/// that protocol accepts nothing and refuses nothing, it only listens.
final class Version1TcpcopyDialect: RelayDialect {
    private var decoder = Version1HeaderDecoder()
    /// Announced, and to be granted when that is on its way.
    private var ungranted: [Flow] = []

    /// An intercept that does not want this tcpcopy has closed the connection by then. Nothing else tells.
    static let patience = TimeAmount.milliseconds(100)

    override func begin(on connection: RelayConnection) { connection.probeWhenSilent() }

    override func send(_ message: RelayMessage, on connection: RelayConnection) {
        switch message {
        case .subscribe:
            Version1Record.version.write(to: &connection.outgoing)
            connection.after(Self.patience) { connection.deliver(.accepted(round: 1)) }
        case .announce(let flows):
            for case let session? in flows.lazy.map(Version1Session.init) {
                Version1Record.add(session).write(to: &connection.outgoing)
            }
            grant(flows, on: connection)
        case .release(let flows):
            for case let session? in flows.lazy.map(Version1Session.init) {
                Version1Record.delete(session).write(to: &connection.outgoing)
            }
        case .accepted, .announcementRequired, .announcementOver, .announced, .granted, .refused, .alive, .patience,
            .goodbye, .header, .answer:
            break
        }
    }

    /// In a turn of its own, after those who announce have done so to all assistants.
    private func grant(_ flows: [Flow], on connection: RelayConnection) {
        ungranted += flows
        guard ungranted.count == flows.count else { return }
        connection.after(.zero) {
            connection.flush()
            let granted = self.ungranted
            self.ungranted = []
            connection.deliver(.granted(granted))
        }
    }

    override func receive(_ bytes: ByteBuffer, on connection: RelayConnection) throws(RelayFault) {
        // Taken out meanwhile: what the owner does may come back to this connection.
        var decoder = self.decoder
        self.decoder = Version1HeaderDecoder()
        decoder.receive(bytes)
        if try decoder.isAtHeader() {
            decoder = try lend(RelayedHeaders(decoder), on: connection).version1 ?? decoder
        }
        self.decoder = decoder
    }
}
