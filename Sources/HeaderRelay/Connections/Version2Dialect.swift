import NIOCore
import Wire

/// This build's own protocol, as both sides speak it: a preamble, then messages, and signs of life.
final class Version2Dialect: RelayDialect {
    private var decoder = RelayDecoder()
    private var liveness: Liveness?
    private var isGreeted = false
    /// What had come was asked for before its absence was taken for silence.
    private var looksTwice = false

    /// Sends the preamble, if that has not been done.
    func greet(on connection: RelayConnection) {
        guard !isGreeted else { return }
        isGreeted = true
        RelayPreamble.write(to: &connection.outgoing)
    }

    override func begin(on connection: RelayConnection) { liveness = Liveness(now: connection.now) }

    override func send(_ message: RelayMessage, on connection: RelayConnection) {
        greet(on: connection)
        message.write(to: &connection.outgoing)
    }

    override func relay(_ header: borrowing SegmentHeader, on connection: RelayConnection) {
        header.writeRelayed(to: &connection.outgoing)
    }

    override func forward(_ bytes: ByteBuffer, on connection: RelayConnection) {
        greet(on: connection)
        super.forward(bytes, on: connection)
    }

    override func relay(_ answer: DatagramHeader, on connection: RelayConnection) {
        answer.writeRelayed(to: &connection.outgoing)
    }

    override func onFlushed(_ connection: RelayConnection) { liveness?.onSpoken(now: connection.now) }

    override func tick(on connection: RelayConnection) {
        switch liveness?.duty(now: connection.now) {
        case .nothing, nil: break
        case .noticeSilence where connection.isPatient && !looksTwice:
            // After a pause of this process what says the contrary may still be unread.
            looksTwice = true
            connection.readOnce()
        case .noticeSilence:
            liveness?.onSilenceNoticed()
            connection.owner.fellSilent(connection)
            tick(on: connection)
        case .speak:
            send(.alive, on: connection)
            connection.flush()
        case .giveUp: connection.close(.silent)
        }
    }

    override func receive(_ bytes: ByteBuffer, on connection: RelayConnection) throws(RelayFault) {
        let wasSilent = liveness?.isSilent == true
        liveness?.onHeard(now: connection.now)
        looksTwice = false
        defer { if wasSilent, connection.isOpen { connection.owner.heardAgain(connection) } }
        // Taken out meanwhile: what the owner does may come back to this connection.
        var decoder = self.decoder
        self.decoder = RelayDecoder()
        decoder.receive(bytes)
        do throws(RelayFault) {
            try read(&decoder, on: connection)
        } catch {
            try recover(from: error, unread: decoder.unread, on: connection)
        }
        self.decoder = decoder
    }

    private func read(_ decoder: inout RelayDecoder, on connection: RelayConnection) throws(RelayFault) {
        while connection.isOpen {
            if try decoder.isAtHeader() {
                decoder = try lend(RelayedHeaders(decoder), on: connection).decoder
            } else if try decoder.isAtAnswer() {
                decoder = try lend(RelayedAnswers(decoder), on: connection).decoder
            } else if let message = try decoder.next() {
                if case .patience(let milliseconds) = message {
                    connection.patience = min(milliseconds, RelayProtocol.longestPatience)
                } else {
                    try connection.owner.received(message, on: connection)
                }
            } else {
                break
            }
        }
    }

    /// Who speaks another dialect may be served in it.
    private func recover(
        from fault: RelayFault, unread: ByteBuffer, on connection: RelayConnection
    ) throws(RelayFault) {
        switch fault {
        case .preamble(.tcpcopy1):
            guard let dialect = connection.owner.dialectOfTCPCopy1(for: connection) else { throw fault }
            connection.change(to: dialect)
            try dialect.receive(unread, on: connection)
        case .preamble(.version):
            // A build of another version shall be able to say so.
            greet(on: connection)
            throw fault
        default: throw fault
        }
    }
}
