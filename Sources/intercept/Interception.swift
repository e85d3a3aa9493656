import HeaderRelay
import LinkLayer
import Logging
import NIOCore
import Wire

/// All that one run of intercept has open, on its event loop: the relay server, and a capture on each interface as long
/// as somebody asks for responses.
final class Interception: RelayServerObserver {
    private let configuration: Configuration
    private let loop: any EventLoop
    private lazy var server = RelayServer(on: loop, observer: self, servesTCPCopy1: configuration.filter != nil)
    private var captures: [ResponseCapture] = []
    /// Why an interface is not captured from at the moment; said once.
    private var refusals: [String: SystemRefusal] = [:]
    /// Figures of captures that have ended.
    private var ended = CaptureCounts()
    private let logger = Logger(label: "intercept")
    private let startedAt = MonotonicClock.now

    /// Tries each interface, then closes it again: nothing is captured before somebody asks for it.
    init(_ configuration: Configuration, on loop: any EventLoop) throws(SystemRefusal) {
        self.configuration = configuration
        self.loop = loop
        for interface in configuration.interfaces {
            _ = try LiveCapture(captureConfiguration(interface, filter: configuration.filter ?? "tcp"))
        }
    }

    /// Listens for tcpcopy hosts; fails with `RelayLoss`.
    func listen() -> EventLoopFuture<Void> {
        server.listen(on: configuration.address, port: configuration.port).map { _ in }
    }

    /// Opens again what has gone away. Call about once a second.
    func tend() { setFilter(wantedFilter) }

    func stop() {
        setFilter(nil)
        server.stop()
    }

    var report: InterceptReport {
        var counts = ended
        for capture in captures { counts += capture.counts }
        return InterceptReport(
            elapsed: .nanoseconds(MonotonicClock.now - startedAt), capture: counts, relay: server.statistics)
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
        for capture in captures where capture.filter != filter {
            do {
                try capture.setFilter(filter)
                logger.info("capture filter", metadata: ["interface": "\(capture.interface)", "filter": "\(filter)"])
            } catch {
                logger.error("\(error)")
            }
        }
        for interface in configuration.interfaces where !captures.contains(where: { $0.interface == interface }) {
            open(interface, filter: filter)
        }
    }

    private func open(_ interface: String, filter: String) {
        do throws(SystemRefusal) {
            let capture = try ResponseCapture(
                captureConfiguration(interface, filter: filter), publishingTo: server, on: loop,
                rewrite: configuration.rewrite, isAlone: configuration.interfaces.count == 1
            ) { [weak self] in self?.captureFailed(on: interface, $0) }
            try capture.start()
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

    private func end(_ capture: ResponseCapture) {
        capture.stop()
        ended += capture.counts
        captures.removeAll { $0 === capture }
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
