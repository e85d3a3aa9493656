import HeaderRelay
import LinkLayer
import NIOCore
import OperatorInterface
import ReplayEngine
import Wire

/// All that one live replay has open, on the event loop of its shard.
final class LiveReplay {
    let shard: Shard
    private let configuration: Configuration
    private let paths: TargetPaths
    private var sources: [CaptureSource] = []
    private let startedAt = MonotonicClock.now

    /// Opens the way to the targets; captures nothing yet.
    ///
    /// - Throws: `Refusal` for what the user can mend.
    init(_ configuration: Configuration, on loop: any EventLoop, onEvent: @escaping (ShardEvent) -> Void) throws {
        self.configuration = configuration
        paths = try TargetPaths(configuration)
        shard = Shard(
            settings: ReplaySettings(configuration, packetSizes: paths.packetSizes),
            injector: configuration.isDryRun
                ? nil : try Injector(configuration.injector, interfaces: paths.interfaces),
            addressing: paths.addressing, on: loop)
        shard.onEvent = onEvent
        try addRelays()
        try paths.follow(for: shard)
    }

    private func addRelays() throws(Refusal) {
        let instance = RelayInstance.random()
        let targets = configuration.transfers.reduce(into: [Endpoint]()) {
            if !$0.contains($1.target) { $0.append($1.target) }
        }
        let clients = configuration.clientNetworks?.prefixes ?? []
        guard let subscription = RelaySubscription(instance: instance, targets: targets, clients: clients) else {
            throw Refusal("-x names \(targets.count) targets; at most \(RelaySubscription.maximumTargets) are expected")
        }
        shard.relays = configuration.assistants.map { assistant in
            RelayClient(
                host: assistant.host, port: assistant.port, subscription: subscription, on: shard.loop, delegate: shard)
        }
    }

    func startRelays() {
        for relay in shard.relays { relay.start() }
    }

    func startCapturing() throws {
        for interface in configuration.captureInterfaces {
            var capture = CaptureConfiguration(interface: interface, filter: configuration.captureFilter)
            capture.matchesInsideVLANs = true
            capture.snapshotLength = configuration.snapshotLength
            capture.bufferMebibytes = configuration.captureBufferMebibytes
            sources.append(try CaptureSource(capture))
        }
        for source in sources { try source.start(for: shard) }
    }

    /// Takes what was captured until now, and no more.
    func stopCapturing() {
        for source in sources {
            while source.lend(to: shard) > 0 {}
            source.stop()
        }
        shard.stopCapturing()
        shard.flush()
    }

    func close() {
        paths.stop()
        shard.close()
    }

    func report(isFinal: Bool) -> LedgerReport {
        var report = LedgerReport(
            elapsed: .nanoseconds(MonotonicClock.now - startedAt), isFinal: isFinal,
            transfers: zip(configuration.transfers, shard.replayer.ledgers).map { transfer, ledger in
                LedgerReport.TransferLedger(transfer: "\(transfer.rule)", ledger: ledger)
            })
        report.capture = capture
        report.injection = InjectionFigures(shard.injection)
        for relay in shard.relays { report.relay += RelayFigures(relay.statistics) }
        return report
    }

    private var capture: CaptureFigures {
        let (capturing, ignored) = (shard.capturing, shard.replayer.ignored)
        var figures = CaptureFigures()
        figures.frames = capturing.frames
        figures.segments = capturing.segments
        for source in sources {
            let statistics = source.statistics
            figures.kernelDrops += statistics.kernelDrops
            figures.interfaceDrops += statistics.interfaceDrops
        }
        let reasons = [
            "notTCP": capturing.otherProtocol, "fragments": capturing.fragments, "truncated": capturing.truncated,
            "malformed": capturing.malformed, "otherDestination": ignored.otherDestination, "strays": ignored.strays,
            "afterStop": ignored.afterStop, "unknownResponses": ignored.unknownResponses,
        ]
        figures.ignored = reasons.filter { $0.value > 0 }
        return figures
    }
}
