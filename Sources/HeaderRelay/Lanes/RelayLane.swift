import NIOCore
import NIOPosix
import Wire

/// The part of a relay server on one further event loop: the headers of one slice's responses, and the connections of those
/// who asked for them.
///
/// The server decides who gets what; a lane knows a copy of that. A header whose asker has its connection here never leaves
/// the loop. One whose asker is connected elsewhere goes there, and one that several ask for goes to the server, many at
/// a time. So tcpcopy and intercept may have any number of shards each, and are fastest with the same.
public final class RelayLane {
    private let loop: any EventLoop
    private let slice: Slice
    private let server: NIOLoopBound<RelayServer>
    private var routes = RelayRoutes()
    /// The connection of each subscriber, by its index, or what stands for it here.
    private var places: [RelayConnection?] = []
    private var unflushed: [RelayConnection] = []
    /// Headers for the server to decide on.
    private var contested: [SegmentHeader] = []
    private let wayToServer = RelayThrottle()
    private var counts = RelayServerStatistics()

    /// Whether no other loop has anything to hurry for on this one.
    public private(set) var isApart = false

    /// How long all who are connected here let headers wait, ms.
    public var patience: UInt8 { isApart ? places.patience : 0 }

    init(_ slice: Slice, of server: NIOLoopBound<RelayServer>, on loop: any EventLoop) {
        self.slice = slice
        self.server = server
        self.loop = loop
    }

    /// What was published here, and became of it here.
    public var statistics: RelayServerStatistics { counts }
}

// Headers
extension RelayLane {
    /// Gives a response's header to whom it belongs; its flow goes from target to client. Write it by `flush`.
    public func publish(_ header: borrowing SegmentHeader) {
        switch routes.claim(header) {
        case .lone(let index):
            counts.published += 1
            relay(header, to: index)
        case .contested:
            guard wayToServer.isOpen else { return drop(.slowSubscriber) }
            contested.append(copy header)
        case .unasked: drop(.unasked)
        }
    }

    /// Gives an answer of UDP to all who ask for it; its flow goes from target to client. Write it by `flush`.
    public func publish(_ answer: DatagramHeader) {
        counts.published += 1
        var outcome = AnswerOutcome()
        routes.forEachAsker(of: answer) { index in
            let connection = index < places.count ? places[index] : nil
            if outcome.relay(answer, to: connection), let connection { unflushed.append(connection) }
        }
        if let drop = outcome.drop { counts.drops.count(drop) } else { counts.relayed += 1 }
    }

    /// Writes what was published since the last time, once for each subscriber.
    public func flush() {
        for connection in unflushed { connection.flush() }
        unflushed.removeAll(keepingCapacity: true)
        guard !contested.isEmpty else { return }
        let headers = contested
        contested = []
        let size = headers.count * MemoryLayout<SegmentHeader>.stride
        wayToServer.leave(size)
        server.eventLoop.execute { [server, wayToServer] in
            wayToServer.arrive(size)
            for header in headers { server.value.publish(header) }
            server.value.flush()
        }
    }

    private func relay(_ header: borrowing SegmentHeader, to index: SubscriberIndex) {
        guard index < places.count, let connection = places[index] else { return counts.drops.count(.ownerAway) }
        let hadOutgoing = connection.hasOutgoing
        guard connection.relay(header) else { return counts.drops.count(.slowSubscriber) }
        counts.relayed += 1
        if !hadOutgoing { unflushed.append(connection) }
    }

    private func drop(_ reason: HeaderDrop) {
        counts.published += 1
        counts.drops.count(reason)
    }
}

// What the server says
extension RelayLane {
    /// Who asks for what from now on, and where each is connected.
    func adopt(_ routes: RelayRoutes, posts: [RelayPost?]) {
        flush()
        let known = places
        places = posts.map { post in
            guard let post else { return nil }
            guard post.connection.eventLoop !== loop else { return post.connection.value }
            return known.first { $0?.throttle === post.throttle } ?? RelayConnection(at: post, owner: self)
        }
        self.routes = routes.within(slice)
        let own = places.indices.filter { places[$0]?.isElsewhere == false }
        isApart = routes.isApart(slice, for: Set(own))
    }

    /// Goes on with a connection that another loop has accepted.
    ///
    /// - Parameters:
    ///   - descriptor: the socket, which is the lane's from now on.
    ///   - bytes: what was read from it already.
    func takeOver(_ descriptor: NIOBSDSocket.Handle, after bytes: ByteBuffer) {
        let bound = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelOption(.writeBufferWaterMark, value: RelayConnection.waterMark)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        RelayPrelude(bytes), RelayConnection(owner: bound.value),
                    ])
                }
            }
            .withConnectedSocket(descriptor)
            .whenFailure { _ in }
    }
}

// What its connections say
extension RelayLane: RelayConnectionOwner {
    func opened(_ connection: RelayConnection) {
        let post = RelayPost(connection, on: loop)
        let remote = connection.remote
        server.eventLoop.execute { [server] in server.value.opened(at: post, remote: remote) }
    }

    func received(_ message: RelayMessage, on connection: RelayConnection) throws(RelayFault) {
        let identifier = ObjectIdentifier(connection.throttle)
        server.eventLoop.execute { [server] in server.value.received(message, from: identifier) }
    }

    func received(_ headers: inout RelayedHeaders, on connection: RelayConnection) {
        connection.close(.fault(.unexpected(kind: RelayMessage.Kind.headerIPv4.rawValue)))
    }

    func closed(_ connection: RelayConnection, by loss: RelayLoss) {
        let identifier = ObjectIdentifier(connection.throttle)
        server.eventLoop.execute { [server] in server.value.closed(identifier, by: loss) }
    }
}
