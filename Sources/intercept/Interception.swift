import HeaderRelay
import LinkLayer
import Logging
import NIOCore
import Wire

/// All that one run of intercept has open: the relay server, and captures on each interface as long as somebody asks for
/// responses. It lives on the first of its event loops, and so does the server; each further loop has a lane and a slice.
final class Interception: RelayServerObserver {
    private let configuration: Configuration
    private let loops: [any EventLoop]
    private var loop: any EventLoop { loops[0] }
    private lazy var server = RelayServer(on: loop, observer: self, servesTCPCopy1: configuration.filter != nil)
    private var captures: [InterfaceCapture] = []
    /// Why an interface is not captured from at the moment; said once.
    private var refusals: [String: SystemRefusal] = [:]
    /// Figures of captures that have ended, in the order of the slices.
    private var ended: [CaptureCounts]
    private let logger = Logger(label: "intercept")
    private let startedAt = MonotonicClock.now

    /// Tries each interface, then closes it again: nothing is captured before somebody asks for it.
    init(_ configuration: Configuration, on loops: [any EventLoop]) throws(SystemRefusal) {
        self.configuration = configuration
        self.loops = loops
        ended = Array(repeating: CaptureCounts(), count: loops.count)
        for interface in configuration.interfaces {
            _ = try LiveCapture(captureConfiguration(interface, filter: configuration.filter ?? "tcp"))
        }
    }

    /// Listens for tcpcopy hosts; fails with `RelayLoss`.
    func listen() -> EventLoopFuture<Void> {
        server.addLanes(on: Array(loops.dropFirst()))
        return server.listen(on: configuration.address, port: configuration.port).map { _ in }
    }

    /// Opens again what has gone away. Call about once a second.
    func tend() { setFilter(wantedFilter) }

    func stop() {
        setFilter(nil)
        server.stop()
    }

    /// Asks every loop for its figures.
    func report() -> EventLoopFuture<InterceptReport> {
        let counts = EventLoopFuture.whenAllSucceed(captures.map { $0.counts(on: loop) }, on: loop)
        let lanes = server.lanes.map { lane in lane.eventLoop.submit { lane.value.statistics } }
        return counts.and(EventLoopFuture.whenAllSucceed(lanes, on: loop)).assumeIsolated().map { counts, lanes in
            var captured = self.ended
            for counts in counts { for (shard, counts) in counts.enumerated() { captured[shard] += counts } }
            var relay = self.server.statistics
            for lane in lanes { relay.add(lane) }
            return InterceptReport(
                elapsed: .nanoseconds(MonotonicClock.now - self.startedAt), shards: captured, relay: relay)
        }.nonisolated()
    }
}

// What is captured
extension Interception {
    func subscriptionsChanged(_ subscriptions: [RelaySubscription]) { setFilter(wantedFilter) }

    /// Nil while nobody asks for anything.
    private var wantedFilter: String? {
        server.isAsked ? configuration.filter ?? ResponseFilter.text(for: server.subscriptions) : nil
    }

    /// Captures what `filter` lets through on every interface; nothing if it is nil.
    private func setFilter(_ filter: String?) {
        guard let filter else {
            for capture in captures { end(capture) }
            return
        }
        for index in captures.indices where captures[index].filter != filter {
            captures[index].setFilter(filter) { [logger] in logger.error("\($0)") }
            logger.info(
                "capture filter", metadata: ["interface": "\(captures[index].interface)", "filter": "\(filter)"])
        }
        for interface in configuration.interfaces where !captures.contains(where: { $0.interface == interface }) {
            open(interface, filter: filter)
        }
    }

    private func open(_ interface: String, filter: String) {
        do throws(SystemRefusal) {
            let bound = NIOLoopBound(self, eventLoop: loop)
            let capture = try InterfaceCapture(
                captureConfiguration(interface, filter: filter), on: loops, rewrite: configuration.rewrite,
                isAlone: configuration.interfaces.count == 1
            ) { [loop] refusal in loop.execute { bound.value.captureFailed(on: interface, refusal) } }
            capture.start(publishingTo: NIOLoopBound(server, eventLoop: loop), server.lanes)
            captures.append(capture)
            refusals[interface] = nil
            logger.info("capturing", metadata: ["interface": "\(interface)", "filter": "\(filter)"])
        } catch {
            captureFailed(on: interface, error)
        }
    }

    private func captureFailed(on interface: String, _ refusal: SystemRefusal) {
        if refusals.updateValue(refusal, forKey: interface) != refusal {
            logger.error("\(refusal); trying again each second")
        }
        if let capture = captures.first(where: { $0.interface == interface }) { end(capture) }
    }

    private func end(_ capture: InterfaceCapture) {
        captures.removeAll { $0.interface == capture.interface }
        capture.stop()
        capture.counts(on: loop).assumeIsolated().whenSuccess { counts in
            for (shard, counts) in counts.enumerated() { self.ended[shard] += counts }
        }
    }

    private func captureConfiguration(_ interface: String, filter: String) -> CaptureConfiguration {
        ResponseCapture.configuration(
            interface: interface, filter: filter, isDerived: configuration.filter == nil,
            bufferMebibytes: configuration.bufferMebibytes)
    }
}

// Who asks
extension Interception {
    func subscribed(_ subscription: RelaySubscription, from remote: String) {
        let targets = subscription.targets.prefix(8).map(\.description).joined(separator: ",")
        let more = subscription.targets.count > 8 ? ",…" : ""
        let slice = subscription.slice
        logger.notice(
            "tcpcopy subscribed",
            metadata: [
                "from": "\(remote)", "instance": "\(subscription.instance)", "targets": "\(targets)\(more)",
                "shard": "\(slice.index + 1) of \(slice.count)",
            ])
    }

    func tcpcopy1Connected(from remote: String) {
        logger.notice("tcpcopy of TCPCopy 1.x connected", metadata: ["from": "\(remote)"])
    }

    func tcpcopy1Ended(from remote: String, loss: RelayLoss) {
        // Its protocol has no word for goodbye.
        logger.log(
            level: loss == .closed || loss == .stopped ? .notice : .warning, "tcpcopy of TCPCopy 1.x gone: \(loss)",
            metadata: ["from": "\(remote)"])
    }

    func connectionEnded(_ subscription: RelaySubscription?, from remote: String, loss: RelayLoss) {
        let level: Logger.Level = loss == .farewell(.stopping) || loss == .stopped ? .notice : .warning
        logger.log(
            level: level, subscription == nil ? "connection closed: \(loss)" : "tcpcopy gone: \(loss)",
            metadata: ["from": "\(remote)"])
    }
}
