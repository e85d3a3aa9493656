import NIOCore
import Wire

/// What one end of a relay does with its connections, all on their event loop.
protocol RelayConnectionOwner: AnyObject {
    func opened(_ connection: RelayConnection)
    func received(_ message: RelayMessage, on connection: RelayConnection) throws(RelayFault)
    func received(_ headers: inout RelayedHeaders, on connection: RelayConnection)
    func closed(_ connection: RelayConnection, by loss: RelayLoss)
}

/// One relay connection as either side has it: messages in, messages out, keep-alive, back-pressure both ways.
///
/// What is sent gathers in a buffer until `flush`. While the other side does not read what it was sent, nothing is read
/// from it either, and headers are refused.
final class RelayConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Above the first number of bytes waiting, a connection is slow, until no more than the second wait.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 512 * 1024, high: 2 * 1024 * 1024)

    private let owner: any RelayConnectionOwner
    private var context: ChannelHandlerContext?
    private var decoder = RelayDecoder()
    private var outgoing = ByteBuffer()
    private var liveness: Liveness?
    private var ticker: Scheduled<Void>?
    private var loss: RelayLoss?
    private var isWritable = true
    private var isReadHeldBack = false
    private var isGreeted = false

    private(set) var receivedBytes = 0
    private(set) var receivedHeaders = 0
    /// The subscriber at the assistant; nil before it has subscribed.
    var subscriber: SubscriberIndex?
    /// Who is at the other end, for logs.
    private(set) var remote = "?"

    init(owner: any RelayConnectionOwner) { self.owner = owner }

    // Sending

    /// Sends the preamble, if that has not been done.
    func greet() {
        guard !isGreeted else { return }
        isGreeted = true
        RelayPreamble.write(to: &outgoing)
    }

    func send(_ message: RelayMessage) { message.write(to: &outgoing) }

    /// Sends a header; false, and nothing sent, while the other side is slow.
    func relay(_ header: borrowing SegmentHeader) -> Bool {
        guard isWritable else { return false }
        header.writeRelayed(to: &outgoing)
        if outgoing.readableBytes >= 64 * 1024 { flush() }
        return true
    }

    /// Whether something waits for `flush`.
    var hasOutgoing: Bool { outgoing.readableBytes > 0 }

    /// Hands everything that was sent to the system in one write.
    func flush() {
        guard hasOutgoing, let context else { return }
        liveness?.onSpoken(now: context.eventLoop.now)
        context.writeAndFlush(wrapOutboundOut(outgoing), promise: nil)
        outgoing.clear(minimumCapacity: 4 * 1024)
    }

    /// Closes the connection; the other side is told `farewell`, the owner `loss`.
    func close(_ loss: RelayLoss, farewell: RelayFarewell? = nil) {
        guard self.loss == nil else { return }
        self.loss = loss
        if let farewell {
            greet()
            send(.goodbye(farewell))
        }
        flush()
        context?.close(promise: nil)
    }
}

extension RelayConnection {
    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        liveness = Liveness(now: context.eventLoop.now)
        remote = context.remoteAddress.map(Self.text) ?? remote
        scheduleTick(on: context.eventLoop)
        owner.opened(self)
        flush()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        receivedBytes += bytes.readableBytes
        liveness?.onHeard(now: context.eventLoop.now)
        do {
            try handle(bytes)
        } catch {
            // A build of another version shall be able to say so.
            if case .preamble(.version) = error { greet() }
            close(.fault(error))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
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
        // Later, since a write that fails may lead here: what is sent never calls back the sender before it returns.
        context.eventLoop.assumeIsolated().execute { self.owner.closed(self, by: self.loss ?? .closed) }
        context.fireChannelInactive()
    }

    /// The decoder is taken out meanwhile: what the owner does may come back to this connection.
    private func handle(_ bytes: ByteBuffer) throws(RelayFault) {
        var decoder = self.decoder
        self.decoder = RelayDecoder()
        decoder.receive(bytes)
        while loss == nil {
            if try decoder.isAtHeader() {
                var headers = RelayedHeaders(decoder)
                owner.received(&headers, on: self)
                while headers.next() != nil {}
                receivedHeaders += headers.count
                if let fault = headers.fault { throw fault }
                decoder = headers.decoder
            } else if let message = try decoder.next() {
                try owner.received(message, on: self)
            } else {
                break
            }
        }
        self.decoder = decoder
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
        guard let context, let liveness else { return }
        scheduleTick(on: context.eventLoop)
        switch liveness.duty(now: context.eventLoop.now) {
        case .nothing: break
        case .speak:
            send(.alive)
            flush()
        case .giveUp: close(.silent)
        }
    }
}
