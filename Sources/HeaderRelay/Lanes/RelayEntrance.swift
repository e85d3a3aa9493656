import Glibc
import NIOCore
import NIOPosix
import Wire

/// Reads what a newly accepted connection asks for, and lets it go on where its slice's responses are captured.
///
/// An event loop accepts a connection before anybody can know whose it is, and a channel can't change loops. So the socket
/// is given to a channel of the other loop, with the bytes that were read. Whatever is no subscription stays here.
final class RelayEntrance: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let lanes: [NIOLoopBoundBox<RelayLane>]
    private var bytes = ByteBuffer()
    private var waiting: Scheduled<Void>?
    /// The connection behind has learned of its channel, and learns of its end.
    private var isHere = false

    /// - Parameter lanes: the server's, without the first, which is the server itself.
    init(to lanes: [NIOLoopBoundBox<RelayLane>]) { self.lanes = lanes }

    private enum Destination {
        case unknown, here
        case lane(NIOLoopBoundBox<RelayLane>)
    }

    func channelActive(context: ChannelHandlerContext) {
        waiting = context.eventLoop.assumeIsolated().scheduleTask(in: RelayProtocol.silenceLimit) {
            context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
        switch destination {
        case .unknown: break
        case .here: stay(context)
        case .lane(let lane): move(to: lane, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {}

    func channelInactive(context: ChannelHandlerContext) {
        waiting?.cancel()
        if isHere { context.fireChannelInactive() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private var destination: Destination {
        var decoder = RelayDecoder()
        decoder.receive(bytes)
        do throws(RelayFault) {
            guard let first = try decoder.next() else { return .unknown }
            guard case .subscribe(let subscription) = first else { return .here }
            let slice = subscription.slice
            let index = Int(slice.index) * (lanes.count + 1) / Int(slice.count)
            return index == 0 ? .here : .lane(lanes[index - 1])
        } catch {
            // The connection itself has to answer for it.
            return .here
        }
    }

    private func stay(_ context: ChannelHandlerContext) {
        waiting?.cancel()
        isHere = true
        context.fireChannelActive()
        context.fireChannelRead(wrapInboundOut(bytes))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func move(to lane: NIOLoopBoundBox<RelayLane>, _ context: ChannelHandlerContext) {
        let descriptor = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { fcntl($0, F_DUPFD_CLOEXEC, 0) }
        guard let descriptor, descriptor >= 0 else { return stay(context) }
        // The socket itself stays open, through the other descriptor.
        context.close(promise: nil)
        lane.eventLoop.execute { [bytes] in lane.value.takeOver(descriptor, after: bytes) }
    }
}
