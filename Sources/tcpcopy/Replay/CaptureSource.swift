import Dispatch
import LinkLayer
import NIOCore
import Synchronization

/// One capture socket, and the thread that waits for it: frames are lent to a shard, on the shard's event loop.
final class CaptureSource {
    private var capture: LiveCapture
    private let progress = Progress()
    /// Why it captures no more, when that was not asked for.
    private(set) var failure: SystemRefusal?

    /// Frames lent before the loop turns to what else there is to do.
    private static let batch = 512

    /// What the loop tells the waiting thread.
    private final class Progress: Sendable {
        let isStopped = Atomic(false)
        /// Whether the last batch was full, so that more is waiting.
        let hasMore = Atomic(false)
        let turn = DispatchSemaphore(value: 0)
    }

    /// Opens the socket, as the next of its group.
    init(_ configuration: CaptureConfiguration, in group: inout CaptureGroup) throws(SystemRefusal) {
        capture = try LiveCapture(configuration)
        try group.join(capture)
    }

    var interface: String { capture.configuration.interface }
    var statistics: CaptureStatistics { capture.statistics }

    /// Starts to lend frames to `shard`. Call on its event loop.
    func start(for shard: Shard) throws(SystemRefusal) {
        let loop = shard.loop
        let progress = progress
        let bound = NIOLoopBound((source: self, shard: shard), eventLoop: loop)
        try ReadinessThread.start(name: "capture \(interface)", descriptor: capture.descriptor) {
            guard !progress.isStopped.load(ordering: .relaxed) else { return .end }
            loop.execute {
                let (source, shard) = bound.value
                source.lend(to: shard)
                progress.turn.signal()
            }
            progress.turn.wait()
            return progress.hasMore.load(ordering: .relaxed) ? .nap(0) : .wait
        }
    }

    /// Lends what waits, up to a batch. Call on the shard's event loop.
    @discardableResult
    func lend(to shard: Shard) -> Int {
        guard failure == nil, !progress.isStopped.load(ordering: .relaxed) else { return 0 }
        let linkType = capture.linkType
        var count = 0
        do throws(SystemRefusal) {
            shard.beginCapture()
            count = try capture.dispatch(limit: Self.batch) { shard.capture($0, linkType: linkType) }
            shard.flush()
        } catch {
            failure = error
            stop()
            shard.onEvent(.captureFailed(error))
        }
        progress.hasMore.store(count >= Self.batch, ordering: .relaxed)
        return count
    }

    /// Lends no more; the thread ends by itself.
    func stop() { progress.isStopped.store(true, ordering: .relaxed) }
}
