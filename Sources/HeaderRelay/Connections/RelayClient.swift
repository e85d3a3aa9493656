import NIOCore
import NIOPosix
import Wire

/// A tcpcopy's connection to one assistant: it subscribes, hands on the headers of responses, and comes back when lost.
///
/// Everything happens on one event loop, calls included; the path of a relayed header allocates nothing and never
/// leaves the thread.
public final class RelayClient {
    /// The assistant's name or address, and its port.
    public let host: String
    public let port: UInt16
    public let subscription: RelaySubscription
    /// Whether intercept is TCPCopy 1.x's.
    public let speaksVersion1: Bool

    private let loop: any EventLoop
    /// Not weak: a weak reference would make every retain of the delegate slower.
    private var delegate: (any RelayClientDelegate)?
    private var state = State.idle
    private var delay = ReconnectionDelay()
    private var generator = SystemRandomNumberGenerator()
    private var ended = RelayClientStatistics()

    private enum State {
        case idle
        case connecting
        case waiting(Scheduled<Void>)
        /// Connected; the assistant has not accepted the subscription yet.
        case subscribing(RelayConnection)
        case relaying(RelayConnection, isAnnouncing: Bool)
        case stopped
    }

    /// - Parameters:
    ///   - host: the assistant's name or address; a name is looked up anew for each attempt.
    ///   - port: where its intercept listens.
    ///   - subscription: which responses to ask for.
    ///   - speaksVersion1: whether intercept is TCPCopy 1.x's: it knows no subscriptions, so sessions are announced from
    ///     the start, and each is granted.
    ///   - loop: where everything happens.
    ///   - delegate: who learns of it; retained until `stop`.
    public init(
        host: String, port: UInt16 = RelayProtocol.defaultPort, subscription: RelaySubscription,
        speaksVersion1: Bool = false, on loop: any EventLoop, delegate: any RelayClientDelegate
    ) {
        self.host = host
        self.port = port
        self.subscription = subscription
        self.speaksVersion1 = speaksVersion1
        self.loop = loop
        self.delegate = delegate
    }

    /// Whether the assistant relays at the moment.
    public var isConnected: Bool {
        if case .relaying = state { true } else { false }
    }

    public var statistics: RelayClientStatistics {
        var all = ended
        if let connection {
            all.headers += connection.receivedHeaders
            all.bytes += connection.receivedBytes
        }
        return all
    }

    /// Connects, and from now on reconnects. Does nothing when it has started already, or was stopped.
    public func start() {
        loop.preconditionInEventLoop()
        guard case .idle = state else { return }
        connect()
    }

    /// Says goodbye and closes for good; nothing is called any more.
    public func stop() {
        loop.preconditionInEventLoop()
        let connection = connection
        if case .waiting(let retry) = state { retry.cancel() }
        if let connection { account(for: connection) }
        state = .stopped
        delegate = nil
        connection?.close(.stopped, farewell: .stopping)
    }

    /// Tells the assistant that these sessions, client to target, are or will be this tcpcopy's; each is granted or
    /// refused. Does nothing while announcements are not required.
    public func announce(_ flows: [Flow]) {
        loop.preconditionInEventLoop()
        guard !flows.isEmpty, case .relaying(let connection, isAnnouncing: true) = state else { return }
        connection.send(.announce(flows))
        connection.flush()
    }

    /// Tells the assistant that these announced sessions have ended. Does nothing while announcements are not required.
    public func release(_ flows: [Flow]) {
        loop.preconditionInEventLoop()
        guard !flows.isEmpty, case .relaying(let connection, isAnnouncing: true) = state else { return }
        connection.send(.release(flows))
        connection.flush()
    }

    /// From now on leaves headers where they are until `readOnce`, or takes them as they come, which is how it starts.
    public func setPatient(_ isPatient: Bool) {
        loop.preconditionInEventLoop()
        connection?.setPatient(isPatient)
    }

    /// Takes the headers that have come, or else those that come next.
    public func readOnce() {
        loop.preconditionInEventLoop()
        connection?.readOnce()
    }

    /// Lets the assistant send headers so many milliseconds later than it could, until told otherwise.
    public func grantPatience(milliseconds: UInt8) {
        loop.preconditionInEventLoop()
        guard case .relaying(let connection, _) = state, connection.grantedPatience != milliseconds else { return }
        connection.grantedPatience = milliseconds
        connection.send(.patience(milliseconds: milliseconds))
        connection.flush()
    }

    private var connection: RelayConnection? {
        switch state {
        case .idle, .connecting, .waiting, .stopped: nil
        case .subscribing(let connection), .relaying(let connection, _): connection
        }
    }
}

extension RelayClient: CustomStringConvertible {
    /// `10.0.0.4:36524`
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

// Connecting
extension RelayClient {
    private func connect() {
        state = .connecting
        let bound = NIOLoopBound(self, eventLoop: loop)
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.seconds(3))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: RelayConnection.waterMark)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let client = bound.value
                    try channel.pipeline.syncOperations.addHandler(
                        RelayConnection(owner: client, speaking: client.dialect()))
                }
            }
        // An address is not looked up: the resolver refuses some that the system could reach.
        let attempt =
            if let address = try? SocketAddress(ipAddress: host, port: Int(port)) {
                bootstrap.connect(to: address)
            } else {
                bootstrap.connect(host: host, port: Int(port))
            }
        attempt.assumeIsolated().whenFailure { self.attemptFailed(.unreachable(systemReason($0))) }
    }

    private func dialect() -> RelayDialect { speaksVersion1 ? Version1TcpcopyDialect() : Version2Dialect() }

    private func attemptFailed(_ loss: RelayLoss) {
        guard case .connecting = state else { return }
        scheduleAttempt()
        delegate?.relayUnreachable(self, loss: loss)
    }

    private func scheduleAttempt() {
        state = .waiting(
            loop.assumeIsolated().scheduleTask(in: delay.next(using: &generator)) {
                guard case .waiting = self.state else { return }
                self.connect()
            })
    }
}

extension RelayClient: RelayConnectionOwner {
    func opened(_ connection: RelayConnection) {
        guard case .connecting = state else { return connection.close(.stopped) }
        state = .subscribing(connection)
        connection.send(.subscribe(subscription))
    }

    func received(_ message: RelayMessage, on connection: RelayConnection) throws(RelayFault) {
        switch (message, state) {
        case (_, .stopped), (.alive, _): break
        case (.goodbye(let farewell), _): connection.close(.farewell(farewell))
        case (.accepted(let round), .subscribing):
            state = .relaying(connection, isAnnouncing: false)
            ended.connections += 1
            delay.onConnected()
            delegate?.relayConnected(self)
            requireAnnouncement(round == 0 ? nil : round, on: connection)
        case (.announcementRequired(let round), .relaying): requireAnnouncement(round, on: connection)
        case (.announcementOver, .relaying): requireAnnouncement(nil, on: connection)
        case (.granted(let flows), .relaying): delegate?.granted(flows, by: self)
        case (.refused(let flows), .relaying): delegate?.refused(flows, by: self)
        default: throw .unexpected(kind: message.kind.rawValue)
        }
    }

    func received(_ headers: inout RelayedHeaders, on connection: RelayConnection) {
        guard isConnected else { return }
        delegate?.relayed(&headers, by: self)
    }

    func finishedReading(_ connection: RelayConnection) { delegate?.relayFinishedReading(self) }

    func fellSilent(_ connection: RelayConnection) {
        if isConnected { delegate?.relayFellSilent(self) }
    }

    func heardAgain(_ connection: RelayConnection) {
        if isConnected { delegate?.relayHeardAgain(self) }
    }

    func received(_ answers: inout RelayedAnswers, on connection: RelayConnection) {
        guard isConnected else { return }
        delegate?.relayed(&answers, by: self)
    }

    func closed(_ connection: RelayConnection, by loss: RelayLoss) {
        guard connection === self.connection else { return }
        let wasRelaying = isConnected
        account(for: connection)
        scheduleAttempt()
        if wasRelaying {
            delegate?.relayLost(self, loss: loss)
        } else {
            delegate?.relayUnreachable(self, loss: loss)
        }
    }

    /// Takes over the figures of a connection that is about to be forgotten.
    private func account(for connection: RelayConnection) {
        ended.headers += connection.receivedHeaders
        ended.bytes += connection.receivedBytes
    }

    /// The list of live sessions is complete when the delegate's call has returned, so the assistant is told then.
    private func requireAnnouncement(_ round: UInt32?, on connection: RelayConnection) {
        state = .relaying(connection, isAnnouncing: round != nil)
        delegate?.announcementRequired(round != nil, by: self)
        if let round { connection.send(.announced(round: round)) }
    }
}
