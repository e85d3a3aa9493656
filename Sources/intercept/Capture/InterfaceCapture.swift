import HeaderRelay
import LinkLayer
import NIOCore
import Wire

/// The captures on one interface, one for each slice, each on the slice's own event loop.
struct InterfaceCapture: Sendable {
    let interface: String
    private(set) var filter: String
    private let captures: [NIOLoopBoundBox<ResponseCapture>]

    /// Opens all of them; when this returns the kernel keeps what comes.
    init(
        _ configuration: CaptureConfiguration, on loops: [any EventLoop], rewrite: AddressRewrite?, isAlone: Bool,
        onFailure: @escaping @Sendable (SystemRefusal) -> Void
    ) throws(SystemRefusal) {
        interface = configuration.interface
        filter = configuration.filter
        let count = UInt16(loops.count)
        var group = CaptureGroup(slices: count, port: .destination)
        var captures: [NIOLoopBoundBox<ResponseCapture>] = []
        for (index, loop) in loops.enumerated() {
            let capture = try ResponseCapture(
                configuration, Slice(index: UInt16(index), count: count), in: &group, on: loop, rewrite: rewrite,
                isAlone: isAlone, onFailure: onFailure)
            captures.append(.makeBoxSendingValue(capture, eventLoop: loop))
        }
        self.captures = captures
    }

    /// Starts to publish: the first on the server's own loop, each further one in its lane.
    func start(publishingTo server: NIOLoopBound<RelayServer>, _ lanes: [NIOLoopBoundBox<RelayLane>]) {
        for (index, capture) in captures.enumerated() {
            let lane = index > 0 ? lanes[index - 1] : nil
            capture.run { $0.start(publishingTo: lane.map { .lane($0.value) } ?? .server(server.value)) }
        }
    }

    /// Replaces the filter; `failed` is called for each capture that refuses it.
    mutating func setFilter(_ filter: String, failed: @escaping @Sendable (SystemRefusal) -> Void) {
        self.filter = filter
        for capture in captures {
            capture.run { capture in
                do throws(SystemRefusal) { try capture.setFilter(filter) } catch { failed(error) }
            }
        }
    }

    /// What was captured, in the order of the slices.
    func counts(on loop: any EventLoop) -> EventLoopFuture<[CaptureCounts]> {
        let counts = captures.map { capture in capture.eventLoop.submit { capture.value.counts } }
        return EventLoopFuture.whenAllSucceed(counts, on: loop)
    }

    /// Captures no more.
    func stop() {
        for capture in captures { capture.run { $0.stop() } }
    }
}

extension NIOLoopBoundBox<ResponseCapture> {
    /// On its loop: at once where that is this one, so that a lone loop has no moment in between.
    fileprivate func run(_ body: @escaping @Sendable (ResponseCapture) -> Void) {
        if eventLoop.inEventLoop { body(value) } else { eventLoop.execute { body(self.value) } }
    }
}
