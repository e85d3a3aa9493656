import HeaderRelay
import LinkLayer
import NIOCore
import NIOPosix
import OperatorInterface
import ReplayEngine
import Wire

/// All that one live replay has open: its shards, each on an event loop of its own, and the way to the targets.
struct LiveReplay: Sendable {
    private let configuration: Configuration
    private let group: MultiThreadedEventLoopGroup
    private let paths: NIOLoopBound<TargetPaths>
    /// In the order of their slices.
    private let shards: [NIOLoopBound<Shard>]
    /// From when capturing starts, where that is wanted.
    private var recording: Recording?
    private let onEvent: @Sendable (ShardEvent) -> Void
    private let startedAt = MonotonicClock.now

    /// Opens the way to the targets; captures nothing yet.
    ///
    /// - Throws: `Refusal` for what the user can mend.
    static func open(
        _ configuration: Configuration, onEvent: @escaping @Sendable (ShardEvent) -> Void
    ) async throws -> LiveReplay {
        let subscriptions = try subscriptions(configuration)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.shards)
        let loops = Array(group.makeIterator())
        let (paths, ways) = try await loops[0].submit { [loop = loops[0]] in
            let paths = try TargetPaths(configuration)
            return (NIOLoopBound(paths, eventLoop: loop), paths.ways)
        }.get()
        var shards: [NIOLoopBound<Shard>] = []
        for (index, loop) in loops.enumerated() {
            let slice = Slice(index: UInt16(index), count: UInt16(loops.count))
            let shard = try await loop.submit {
                // The online service comes first; frames can wait in the ring. A recording has its own pace to keep.
                if configuration.playback == nil { CurrentThread.letOthersFinish() }
                let subscription = subscriptions.isEmpty ? nil : subscriptions[index]
                return NIOLoopBound(
                    try Shard(configuration, slice, subscription, ways, on: loop, onEvent: onEvent), eventLoop: loop)
            }.get()
            shards.append(shard)
        }
        try await loops[0].submit { [shards] in
            shards[0].value.handOver = { owner, packet in
                let shard = shards[Int(owner)]
                shard.eventLoop.execute { shard.value.takeHandedOver(packet) }
            }
            shards[0].value.onFirstHandOver = {
                for shard in shards.dropFirst() { shard.eventLoop.execute { shard.value.expectHandedOver() } }
            }
        }.get()
        try await loops[0].submit { [shards] in try paths.value.follow(for: shards, onEvent: onEvent) }.get()
        return LiveReplay(
            configuration: configuration, group: group, paths: paths, shards: shards, onEvent: onEvent)
    }

    /// What each shard asks the assistants for; nothing when there is nothing to replay.
    private static func subscriptions(_ configuration: Configuration) throws(Refusal) -> [RelaySubscription] {
        guard configuration.replays else { return [] }
        let instance = RelayInstance.random()
        let targets = targets(of: configuration.transfers.filter { !$0.carrier.isUDP })
        let datagramTargets = self.targets(of: configuration.transfers.filter(\.carrier.isUDP))
        let clients = configuration.clientNetworks?.prefixes ?? []
        let count = UInt16(configuration.shards)
        return try (0..<count).map { index throws(Refusal) in
            let slice = Slice(index: index, count: count)
            let subscription = RelaySubscription(
                instance: instance, targets: targets, datagramTargets: datagramTargets, clients: clients, slice: slice)
            guard let subscription else {
                throw Refusal(
                    "-x names \(targets.count + datagramTargets.count) targets; at most \(RelaySubscription.maximumTargets) are expected"
                )
            }
            return subscription
        }
    }

    private static func targets(of transfers: [ResolvedTransfer]) -> [Endpoint] {
        transfers.reduce(into: []) { if !$0.contains($1.target) { $0.append($1.target) } }
    }

    /// For what the program itself has to time.
    var loop: any EventLoop { shards[0].eventLoop }

    func startRelays() async throws {
        try await each { shard in for relay in shard.relays { relay.start() } }
    }

    /// Opens the capture sockets, interface by interface in the order of the slices, then the recording, and starts to take
    /// from them.
    mutating func startCapturing() async throws {
        for interface in configuration.captureInterfaces {
            var capture = CaptureConfiguration(interface: interface, filter: configuration.captureFilter)
            capture.matchesInsideVLANs = true
            capture.direction = configuration.capturesArrivalsOnly ? .incoming : .both
            capture.snapshotLength = configuration.snapshotLength
            capture.bufferMebibytes = configuration.captureBufferMebibytes
            var captures = CaptureGroup(slices: UInt16(shards.count), port: .source)
            for shard in shards {
                captures = try await shard.eventLoop.submit { [capture, captures] in
                    try shard.value.open(capture, in: captures)
                }.get()
            }
        }
        try await startRecording()
        try await each { shard in try shard.startCapturing() }
    }

    private mutating func startRecording() async throws {
        guard let settings = configuration.recording else { return }
        let interfaces = try await each(\.recordedInterfaces)[0]
        let recording = try await Recording.open(
            settings, of: interfaces, isOrdered: shards.count * interfaces.count == 1
        ) { [onEvent] in onEvent(.recordingFailed($0)) }
        try await each { $0.record(to: recording) }
        self.recording = recording
    }

    /// A target was heard by one shard: all its sessions may go.
    func targetProven(_ transfer: Int) {
        for shard in shards { shard.eventLoop.execute { shard.value.targetProven(transfer) } }
    }

    /// Takes what was captured until now, and no more.
    func stopCapturing() async throws { try await each { $0.stopCapturing() } }

    /// Writes what was recorded until now. A disk that takes it too slowly is not waited for.
    func finishRecording() async { await recording?.finish(timedBy: loop) }

    /// Whether every session has ended.
    func isQuiet() async throws -> Bool { try await each { $0.replayer.isQuiet }.allSatisfy(\.self) }

    /// Ends what has not ended by itself.
    func endSessions() async throws { try await each { $0.endSessions() } }

    /// Closes everything; nothing may be called any more.
    func close() async throws {
        try await paths.eventLoop.submit { paths.value.stop() }.get()
        try await each { $0.close() }
        try await group.shutdownGracefully()
    }

    func report(isFinal: Bool) async throws -> LedgerReport {
        let figures = try await each(ShardFigures.init)
        var report = LedgerReport(
            elapsed: .nanoseconds(MonotonicClock.now - startedAt), isFinal: isFinal,
            transfers: configuration.transfers.enumerated().map { index, transfer in
                LedgerReport.TransferLedger(
                    transfer: "\(transfer.rule)", isOneWay: transfer.carrier == .oneWayUDP,
                    ledger: figures.reduce(into: Ledger()) { $0 += $1.ledgers[index] })
            })
        report.recording = recording?.figures
        report.recordingFailure = recording?.failure
        for part in figures {
            report.capture += part.capture
            report.injection += part.injection
            report.relay += part.relay
            report.shards.append(part.share)
            report.playback = part.playback ?? report.playback
            report.playbackFailure = part.playbackFailure ?? report.playbackFailure
        }
        return report
    }

    /// Asks all shards at once, each on its own loop; the answers are in their order.
    @discardableResult
    private func each<Answer: Sendable>(_ body: @escaping @Sendable (Shard) throws -> Answer) async throws -> [Answer] {
        let answers = shards.map { shard in shard.eventLoop.submit { try body(shard.value) } }
        return try await EventLoopFuture.whenAllSucceed(answers, on: loop).get()
    }
}
