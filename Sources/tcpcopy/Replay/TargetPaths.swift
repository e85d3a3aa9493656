import LinkLayer
import NIOCore
import OperatorInterface
import Synchronization
import Wire

/// How packets get to the targets: for each transfer the next hop on the link, followed when it changes, and what fits a
/// packet.
final class TargetPaths {
    /// Nil where the kernel routes, or in a dry run.
    private var hops: NextHops?
    private let packetSizes: [Int]
    private let isStopped = Stopped()
    private var refreshing: RepeatedTask?

    private final class Stopped: Sendable { let flag = Atomic(false) }

    /// How long the next hops may take to answer at the start.
    private static let patienceMilliseconds = 3_500
    private static let refreshInterval = TimeAmount.seconds(10)
    private static let defaultPacketSize = 1500

    /// Finds every next hop.
    ///
    /// - Throws: no route, a next hop that does not answer.
    init(_ configuration: Configuration) throws(Refusal) {
        do throws(SystemRefusal) {
            guard configuration.replays, !configuration.isDryRun else {
                packetSizes = configuration.transfers.map { _ in Self.defaultPacketSize }
                return
            }
            guard configuration.injector != .raw else {
                packetSizes = try configuration.transfers.map { transfer throws(SystemRefusal) in
                    try Interface.towards(transfer.target.address).mtu
                }
                return
            }
            var hops = try NextHops(
                configuration.transfers.map { transfer in
                    NextHopRequest(
                        target: transfer.target.address, interface: configuration.outputInterface,
                        source: transfer.rule.sourceMAC, destination: transfer.rule.nextHopMAC)
                })
            try hops.resolve(within: Self.patienceMilliseconds)
            packetSizes = hops.addressing.map { $0?.mtu ?? Self.defaultPacketSize }
            self.hops = consume hops
        } catch {
            throw Refusal("\(error)", .unavailable)
        }
    }

    var ways: TargetWays {
        TargetWays(addressing: hops?.addressing ?? packetSizes.map { _ in nil }, packetSizes: packetSizes)
    }

    /// Follows the kernel's tables from now on, and tells every shard what has changed. Call on an event loop, and from
    /// then on everything there.
    func follow(
        for shards: [NIOLoopBound<Shard>], onEvent: @escaping @Sendable (ShardEvent) -> Void
    ) throws(SystemRefusal) {
        guard let descriptor = hops?.descriptor else { return }
        let loop = shards[0].eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        let isStopped = isStopped
        try ReadinessThread.start(name: "next hops", descriptor: descriptor) {
            guard !isStopped.flag.load(ordering: .relaxed) else { return .end }
            try? loop.submit {
                let paths = bound.value
                paths.report(paths.hops?.handleReadable() ?? [], to: shards, onEvent)
            }.wait()
            return .wait
        }
        refreshing = loop.scheduleRepeatedTask(initialDelay: Self.refreshInterval, delay: Self.refreshInterval) { _ in
            let paths = bound.value
            paths.report(paths.hops?.refresh() ?? [], to: shards, onEvent)
        }
    }

    private func report(_ changed: [Int], to shards: [NIOLoopBound<Shard>], _ onEvent: (ShardEvent) -> Void) {
        guard !changed.isEmpty else { return }
        let addressing = ways.addressing
        for shard in shards { shard.eventLoop.execute { shard.value.address(addressing) } }
        for transfer in changed { onEvent(.nextHopChanged(transfer: transfer, addressing[transfer])) }
    }

    func stop() {
        isStopped.flag.store(true, ordering: .relaxed)
        refreshing?.cancel()
    }
}
