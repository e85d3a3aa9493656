import NIOCore
import Wire

/// What one end of a relay does with its connections, all on their event loop.
protocol RelayConnectionOwner: AnyObject {
    func opened(_ connection: RelayConnection)
    func received(_ message: RelayMessage, on connection: RelayConnection) throws(RelayFault)
    func received(_ headers: inout RelayedHeaders, on connection: RelayConnection)
    func received(_ answers: inout RelayedAnswers, on connection: RelayConnection)
    func closed(_ connection: RelayConnection, by loss: RelayLoss)
    /// The other side should have said at least that it is alive, and has not: what it sends may be stuck on the way.
    func fellSilent(_ connection: RelayConnection)
    /// What a patient connection had was taken.
    func finishedReading(_ connection: RelayConnection)
    /// It was heard again, and what came was taken.
    func heardAgain(_ connection: RelayConnection)
    /// The other side is a tcpcopy of TCPCopy 1.x: how to speak with it; nil to turn it away.
    func dialectOfTCPCopy1(for connection: RelayConnection) -> RelayDialect?
}

extension RelayConnectionOwner {
    func fellSilent(_ connection: RelayConnection) {}
    func finishedReading(_ connection: RelayConnection) {}
    func heardAgain(_ connection: RelayConnection) {}
    func dialectOfTCPCopy1(for connection: RelayConnection) -> RelayDialect? { nil }

    /// Answers are for who asked for them.
    func received(_ answers: inout RelayedAnswers, on connection: RelayConnection) {
        connection.close(.fault(.unexpected(kind: RelayMessage.Kind.answerIPv4.rawValue)))
    }
}

/// One relay connection as either side has it: bytes in, bytes out, back-pressure both ways. What they mean is its
/// dialect's affair.
///
/// It may stand for one that lives on another event loop (`post`): then what is sent goes there, and nothing comes in.
/// What is sent gathers in a buffer until `flush`. While the other side does not read what it was sent, nothing is read
/// from it either, and headers are refused.
final class RelayConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Above the first number of bytes waiting, a connection is slow, until no more than the second wait.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 512 * 1024, high: 2 * 1024 * 1024)

    let owner: any RelayConnectionOwner
    private var dialect: RelayDialect
    private var context: ChannelHandlerContext?
    /// What waits for `flush`; dialects write into it.
    var outgoing = ByteBuffer()
    private var ticker: Scheduled<Void>?
    private var loss: RelayLoss?
    private var isWritable = true
    private var isReadHeldBack = false
    /// Nothing that comes in hurries: it is left in the system's buffer.
    private(set) var isPatient = false
    /// How long the other side lets headers wait, ms, and how long this one does.
    var patience: UInt8 = 0
    var grantedPatience: UInt8 = 0

    /// Where the connection lives that this one stands for.
    let post: RelayPost?
    /// What other loops have for this connection.
    let throttle: RelayThrottle

    private(set) var receivedBytes = 0
    /// The subscriber at the assistant; nil before it has subscribed.
    var subscriber: SubscriberIndex?
    /// Who is at the other end, for logs.
    private(set) var remote = "?"

    init(owner: any RelayConnectionOwner, speaking dialect: RelayDialect = Version2Dialect()) {
        self.owner = owner
        self.dialect = dialect
        post = nil
        throttle = RelayThrottle()
    }

    /// Stands for a connection that lives on another loop.
    init(at post: RelayPost, owner: any RelayConnectionOwner, remote: String = "?") {
        self.owner = owner
        self.post = post
        self.remote = remote
        throttle = post.throttle
        dialect = ForwardedDialect()
    }

    var isElsewhere: Bool { post != nil }

    var receivedHeaders: Int { dialect.receivedHeaders }
    /// Whether it has not begun to close, and the other side has not closed it.
    var isOpen: Bool { loss == nil }
    var now: NIODeadline { context?.eventLoop.now ?? .now() }

    // Sending

    func send(_ message: RelayMessage) { dialect.send(message, on: self) }

    /// Sends a header; false, and nothing sent, while the other side is slow.
    func relay(_ header: borrowing SegmentHeader) -> Bool {
        guard isElsewhere ? throttle.isOpen : isWritable else { return false }
        dialect.relay(header, on: self)
        if outgoing.readableBytes >= 64 * 1024 { flush() }
        return true
    }

    /// Sends an answer of UDP; false, and nothing sent, while the other side is slow.
    func relay(_ answer: DatagramHeader) -> Bool {
        guard isWritable else { return false }
        dialect.relay(answer, on: self)
        if outgoing.readableBytes >= 64 * 1024 { flush() }
        return true
    }

    /// Whether something waits for `flush`.
    var hasOutgoing: Bool { outgoing.readableBytes > 0 }

    /// Hands everything that was sent to the system in one write.
    func flush() {
        guard hasOutgoing else { return }
        if let post {
            post.forward(outgoing)
        } else {
            guard let context else { return }
            context.writeAndFlush(wrapOutboundOut(outgoing), promise: nil)
        }
        outgoing.clear(minimumCapacity: 4 * 1024)
        dialect.onFlushed(self)
    }

    /// Closes the connection; the other side is told `farewell`, the owner `loss`.
    func close(_ loss: RelayLoss, farewell: RelayFarewell? = nil) {
        guard self.loss == nil else { return }
        self.loss = loss
        if let farewell { send(.goodbye(farewell)) }
        flush()
        context?.close(promise: nil)
        post?.close(loss)
    }

    /// Sends whole messages that another loop has written.
    func forward(_ bytes: ByteBuffer) {
        guard isOpen else { return }
        dialect.forward(bytes, on: self)
        flush()
    }

    /// Speaks another dialect from now on.
    func change(to dialect: RelayDialect) {
        self.dialect = dialect
        dialect.begin(on: self)
    }

    /// From now on leaves what comes in where it is until `readOnce`, or not: each time that something comes costs a wake-up.
    func setPatient(_ isPatient: Bool) {
        guard self.isPatient != isPatient else { return }
        self.isPatient = isPatient
        try? context?.channel.syncOptions?.setOption(.autoRead, value: !isPatient)
    }

    /// Takes what has come, or else what comes next.
    func readOnce() {
        if let context { read(context: context) }
    }

    /// Hands the owner a message that did not come by the wire.
    func deliver(_ message: RelayMessage) {
        guard isOpen else { return }
        do {
            try owner.received(message, on: self)
        } catch {
            close(.fault(error))
        }
        flush()
    }

    /// Lets the kernel find out that the other side is gone, for a dialect without signs of life.
    func probeWhenSilent() { context?.channel.probeWhenSilent() }

    /// Does something a while later, unless the connection has begun to close by then.
    func after(_ delay: TimeAmount, _ body: @escaping () -> Void) {
        context?.eventLoop.assumeIsolated().scheduleTask(in: delay) { if self.isOpen { body() } }
    }
}

extension RelayConnection {
    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        remote = context.remoteAddress.map(Self.text) ?? remote
        dialect.begin(on: self)
        scheduleTick(on: context.eventLoop)
        owner.opened(self)
        flush()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        receivedBytes += bytes.readableBytes
        do {
            try dialect.receive(bytes, on: self)
        } catch {
            close(.fault(error))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush()
        if isPatient { owner.finishedReading(self) }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        throttle.setAccepts(isWritable)
        if isWritable, isReadHeldBack {
            isReadHeldBack = false
            context.read()
        }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if isWritable { context.read() } else { isReadHeldBack = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close(.failed(systemReason(error))) }

    func channelInactive(context: ChannelHandlerContext) {
        ticker?.cancel()
        let loss = loss ?? .closed
        self.loss = loss
        // Later, since a write that fails may lead here: what is sent never calls back the sender before it returns.
        context.eventLoop.assumeIsolated().execute { self.owner.closed(self, by: loss) }
        context.fireChannelInactive()
    }

    private func scheduleTick(on loop: any EventLoop) {
        ticker = loop.assumeIsolated().scheduleTask(in: RelayProtocol.tickInterval) { self.tick() }
    }

    /// An IPv4 address that came to a socket of both families is written as IPv4.
    private static func text(_ address: SocketAddress) -> String {
        guard let ip = address.ipAddress.flatMap({ IPAddress($0) }), let port = address.port else {
            return address.description
        }
        return Endpoint(ip, UInt16(truncatingIfNeeded: port)).description
    }

    private func tick() {
        guard let context else { return }
        scheduleTick(on: context.eventLoop)
        dialect.tick(on: self)
    }
}

extension [RelayConnection?] {
    /// How long all of these that live on this loop let headers wait, ms.
    var patience: UInt8 { lazy.compactMap { $0?.isElsewhere == false ? $0?.patience : nil }.min() ?? 0 }
}
