import Glibc
import NIOCore
import NIOPosix
import Wire

/// The assistant's side of the relay: serves many tcpcopy hosts, and gives each the headers of the responses it asked for.
///
/// Everything happens on one event loop, calls included. Headers are published one by one and written once a `flush`. It may
/// have lanes on further loops, which do the same for their slice: the server itself is lane 0 of them.
public final class RelayServer {
    let loop: any EventLoop
    private(set) weak var observer: (any RelayServerObserver)?
    /// Whether hosts of TCPCopy 1.x are let in.
    let servesTCPCopy1: Bool
    var router = ResponseRouter()
    var version1 = Version1Service()
    private var listener: (any Channel)?
    /// Every connection that is open, subscribed or not.
    private var connections: [ObjectIdentifier: RelayConnection] = [:]
    /// The connection of each subscriber, by its index.
    private(set) var places: [RelayConnection?] = []
    /// The further lanes, by their slice less one.
    public private(set) var lanes: [NIOLoopBoundBox<RelayLane>] = []
    /// What of the router's knowledge is needed for responses of the server's own slice; empty without lanes.
    var routes = RelayRoutes()
    /// What stands here for connections of the lanes.
    var elsewhere: [ObjectIdentifier: RelayConnection] = [:]
    /// What the lanes know.
    var shared: (routes: RelayRoutes, connections: [ObjectIdentifier?]) = (RelayRoutes(), [])
    /// Whether no other loop has anything to hurry for on this one.
    public internal(set) var isApart = true
    /// How long all who are connected here let headers wait, ms. Hosts of TCPCopy 1.x can't say.
    public var patience: UInt8 { isApart && !hasTCPCopy1 ? places.patience : 0 }
    /// Subscribers with something to flush.
    private var unflushed: [RelayConnection] = []
    private var timeout: (deadline: NIODeadline, task: Scheduled<Void>)?
    private var counts = RelayServerStatistics()

    /// More connections than this are closed at once.
    static let maximumConnections = 512

    /// - Parameter servesTCPCopy1: whether hosts of TCPCopy 1.x are let in. They do not say what they ask for until a
    ///   session begins, so somebody else must know what to capture.
    public init(on loop: any EventLoop, observer: any RelayServerObserver, servesTCPCopy1: Bool = false) {
        self.loop = loop
        self.observer = observer
        self.servesTCPCopy1 = servesTCPCopy1
    }

    /// Shares the work among this loop and others, a slice each in this order. Call before `listen`, and once.
    public func addLanes(on loops: [any EventLoop]) {
        loop.preconditionInEventLoop()
        let server = NIOLoopBound(self, eventLoop: loop)
        let count = UInt16(loops.count + 1)
        lanes = loops.enumerated().map { index, loop in
            let slice = Slice(index: UInt16(index + 1), count: count)
            return .makeBoxSendingValue(RelayLane(slice, of: server, on: loop), eventLoop: loop)
        }
    }

    /// Listens for tcpcopy hosts; the future is the port. It fails with `RelayLoss.unreachable`.
    ///
    /// - Parameters:
    ///   - address: the address to listen on; nil for all, of both families where the system has both.
    ///   - port: 0 for any free one.
    public func listen(on address: IPAddress? = nil, port: UInt16) -> EventLoopFuture<Int> {
        loop.preconditionInEventLoop()
        return bind(to: address ?? IPAddress(high: 0, low: 0), port)
            .assumeIsolated()
            .flatMapError { error in
                guard address == nil, let error = error as? IOError,
                    error.errnoCode == EAFNOSUPPORT || error.errnoCode == EADDRNOTAVAIL
                else { return self.loop.makeFailedFuture(error) }
                return self.bind(to: IPAddress(v4: 0), port)
            }
            .flatMapErrorThrowing { throw RelayLoss.unreachable(systemReason($0)) }
            .map { channel in
                self.listener = channel
                return channel.localAddress?.port ?? Int(port)
            }
            .nonisolated()
    }

    private func bind(to address: IPAddress, _ port: UInt16) -> EventLoopFuture<any Channel> {
        do {
            return bootstrap().bind(to: try SocketAddress(ipAddress: address.description, port: Int(port)))
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    private func bootstrap() -> ServerBootstrap {
        let bound = NIOLoopBound(self, eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: RelayConnection.waterMark)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let server = bound.value
                    if !server.lanes.isEmpty {
                        try channel.pipeline.syncOperations.addHandler(RelayEntrance(to: server.lanes))
                    }
                    try channel.pipeline.syncOperations.addHandler(RelayConnection(owner: server))
                }
            }
    }

    /// Says goodbye to all and closes.
    public func stop() {
        loop.preconditionInEventLoop()
        timeout?.task.cancel()
        timeout = nil
        listener?.close(promise: nil)
        for connection in connections.values { connection.close(.stopped, farewell: .stopping) }
    }

    /// What was asked for, also by those who are away for a moment.
    public var subscriptions: [RelaySubscription] { router.subscriptions }

    /// Whether a host of TCPCopy 1.x is served: its announcements are to be read before the responses they are about.
    public var hasTCPCopy1: Bool { version1.isServing }

    /// Whether anybody asks for anything, a host of TCPCopy 1.x included.
    public var isAsked: Bool { version1.isServing || !router.subscriptions.isEmpty }

    public var statistics: RelayServerStatistics {
        var all = counts
        all.drops = router.drops
        all.held = router.heldCount + version1.waiting.count
        all.everHeld = router.heldHeaders + version1.everHeld
        all.version1 = Version1Statistics(version1)
        let present = places.indices.filter { places[$0] != nil }
        all.subscribers = Set(present.compactMap { router.subscription(of: $0)?.instance }).count
        return all
    }
}

// Headers
extension RelayServer {
    /// Gives a response's header to whom it belongs; its flow goes from target to client. Write it by `flush`.
    public func publish(_ header: borrowing SegmentHeader) {
        counts.published += 1
        guard !version1.isServing else { return publishToAll(header) }
        if !lanes.isEmpty, case .lone(let index) = routes.claim(header) { return relay(header, to: index) }
        switch router.route(header) {
        case .to(let index): relay(header, to: index)
        case .undecided: router.hold(copy header)
        case .nowhere(let reason): router.countDrop(reason)
        }
    }

    func countPublished(_ outcome: AnswerOutcome) {
        counts.published += 1
        if let drop = outcome.drop { router.countDrop(drop) } else { counts.relayed += 1 }
    }

    func flushLater(_ connection: RelayConnection) { unflushed.append(connection) }

    /// Writes what was published since the last time, once for each subscriber.
    public func flush() {
        guard !unflushed.isEmpty else { return }
        for connection in unflushed { connection.flush() }
        unflushed.removeAll(keepingCapacity: true)
    }

    func relay(_ header: borrowing SegmentHeader, to index: SubscriberIndex) {
        guard let connection = places[index] else { return router.countDrop(.ownerAway) }
        relay(header, to: connection)
    }

    func relay(_ header: borrowing SegmentHeader, to connection: RelayConnection) {
        let hadOutgoing = connection.hasOutgoing
        guard connection.relay(header) else { return router.countDrop(.slowSubscriber) }
        counts.relayed += 1
        if !hadOutgoing { unflushed.append(connection) }
    }
}

// Subscribers
extension RelayServer: RelayConnectionOwner {
    func opened(_ connection: RelayConnection) {
        counts.connections += 1
        guard connections.count < Self.maximumConnections else {
            return connection.close(.stopped, farewell: .full)
        }
        connections[ObjectIdentifier(connection)] = connection
    }

    func received(_ message: RelayMessage, on connection: RelayConnection) throws(RelayFault) {
        switch (message, connection.subscriber) {
        case (.alive, _): return
        case (.subscribe(let subscription), nil): subscribe(subscription, on: connection)
        case (.announce(let flows), let index?):
            if version1.isServing {
                announceBesideVersion1(flows, on: connection, index: index)
            } else {
                router.announce(flows, by: index)
            }
        case (.announced(let round), let index?): router.completeAnnouncements(round: round, by: index)
        case (.release(let flows), let index?): router.release(flows, by: index)
        case (.goodbye(let farewell), _): connection.close(.farewell(farewell))
        default: throw .unexpected(kind: message.kind.rawValue)
        }
        settle()
    }

    func received(_ headers: inout RelayedHeaders, on connection: RelayConnection) {
        connection.close(.fault(.unexpected(kind: RelayMessage.Kind.headerIPv4.rawValue)))
    }

    func closed(_ connection: RelayConnection, by loss: RelayLoss) {
        connections[ObjectIdentifier(connection)] = nil
        let remote = connection.remote
        switch loss {
        case .fault: counts.faults += 1
        case .silent: counts.silences += 1
        default: break
        }
        var subscription: RelaySubscription?
        if let index = connection.subscriber {
            subscription = router.subscription(of: index)
            places[index] = nil
            if loss == .farewell(.stopping) {
                router.handleDeparture(of: index, now: loop.now)
                observer?.subscriptionsChanged(router.subscriptions)
            } else {
                router.handleDisconnection(of: index, now: loop.now)
            }
        }
        let wasTCPCopy1 = version1Closed(connection)
        settle()
        if wasTCPCopy1 {
            observer?.tcpcopy1Ended(from: remote, loss: loss)
        } else {
            observer?.connectionEnded(subscription, from: remote, loss: loss)
        }
    }

    private func subscribe(_ subscription: RelaySubscription, on connection: RelayConnection) {
        guard let index = router.subscribe(subscription, now: loop.now) else {
            return connection.close(.stopped, farewell: .full)
        }
        while places.count <= index { places.append(nil) }
        if let predecessor = places[index] {
            predecessor.subscriber = nil
            predecessor.close(.stopped, farewell: .replaced)
        }
        places[index] = connection
        connection.subscriber = index
        observer?.subscribed(subscription, from: connection.remote)
        observer?.subscriptionsChanged(router.subscriptions)
    }

    /// Sends what the router has to say, and sees to it that its next deadline is kept.
    func settle() {
        for (index, message) in router.takeMessages() {
            if case .header(let header) = message {
                relay(header, to: index)
            } else if let connection = places[index] {
                if !connection.hasOutgoing { unflushed.append(connection) }
                connection.send(message)
            }
        }
        flush()
        shareRoutes()
        scheduleTimeout()
    }

    func scheduleTimeout() {
        let deadline = [router.nextDeadline, version1.waiting.nextDeadline].compactMap(\.self).min()
        guard deadline != timeout?.deadline else { return }
        timeout?.task.cancel()
        timeout = nil
        guard let deadline else { return }
        let task = loop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timeout = nil
            let known = self.router.subscriptions.count
            self.router.handleTimeout(now: self.loop.now)
            self.expireVersion1()
            if self.router.subscriptions.count != known {
                self.observer?.subscriptionsChanged(self.router.subscriptions)
            }
            self.settle()
        }
        timeout = (deadline, task)
    }
}
