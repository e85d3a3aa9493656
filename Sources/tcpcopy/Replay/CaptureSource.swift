import LinkLayer
import NIOCore
import ReplayEngine
import Wire

/// One capture socket: frames are lent to a shard, on the shard's event loop.
///
/// A thread of its own waits for the first block of frames. While block follows block the loop looks for each by itself when
/// it is due, which costs one wake-up a block in the place of two; the thread waits again once none has come in time.
final class CaptureSource {
    private var capture: LiveCapture
    /// Its place among the shard's.
    private let number: Int
    private var watch: FrameWatch?
    private var isStopped = false
    private var shard: Shard?
    /// More frames wait in the ring than one batch takes.
    private(set) var isBehind = false
    /// When frames were found last, ns of the monotonic clock.
    private var foundAt: Int64 = 0
    /// The next look by the loop itself, and what time it is of.
    private var next: NIOScheduledCallback?
    private var nextLook: Int64 = 0
    /// Looks in vain since frames were found last.
    private var misses = 0
    /// Why it captures no more, when that was not asked for.
    private(set) var failure: SystemRefusal?

    /// Frames lent before the loop turns to what else there is to do.
    private static let batch = 512
    private static let blockTime = Int64(LiveCapture.blockMilliseconds) * 1_000_000
    /// So long after that it is looked for.
    private static let margin: Int64 = 40_000
    private static let retryTime: Int64 = 400_000

    /// Opens the socket, as the next of its group.
    init(
        _ configuration: CaptureConfiguration, number: Int, in group: inout CaptureGroup
    ) throws(SystemRefusal) {
        self.number = number
        capture = try LiveCapture(configuration)
        try group.join(capture)
    }

    var interface: String { capture.configuration.interface }
    var linkType: LinkType { capture.linkType }
    var snapshotLength: Int { capture.configuration.snapshotLength }
    var statistics: CaptureStatistics { capture.statistics }

    /// Starts to lend frames to `shard`. Call on its event loop.
    func start(for shard: Shard) throws(SystemRefusal) {
        self.shard = shard
        let loop = shard.loop
        let bound = NIOLoopBound(self, eventLoop: loop)
        watch = try FrameWatch(name: "capture \(interface)", capture: capture) {
            // Now and then it asks though it was not told to watch.
            loop.execute { if bound.value.next == nil { bound.value.look(at: MonotonicClock.now) } }
        }
    }

    /// Takes what waits, and sees to it that what follows is taken in time.
    ///
    /// - Parameter due: when it was to do so, ns of the monotonic clock.
    private func look(at due: Int64) {
        guard let shard, !isStopped else { return }
        shard.beginLook()
        if due - foundAt < 2 * Self.blockTime { shard.expectLook(in: Interval(nanoseconds: Self.blockTime)) }
        let count = lend(to: shard)
        guard !isStopped else { return }
        shard.endLook()
        // What did not fit into the batch follows when the loop has seen to its sockets.
        guard count < Self.batch else {
            foundAt = due
            return look(at: MonotonicClock.now, in: Shard.turnPause)
        }
        if let pause = pause(after: count, at: due) {
            let then = due + pause
            let delay = TimeAmount.nanoseconds(then + Self.margin - MonotonicClock.now)
            look(at: then, in: max(Shard.turnPause, delay))
            if next != nil { shard.leaveRelays() }
        } else {
            shard.takeUpRelays()
            watch?.again()
        }
    }

    /// How long after this look the loop looks again by itself, ns; nil where the thread is to tell when there is something.
    private func pause(after count: Int, at due: Int64) -> Int64? {
        let wasBusy = due - foundAt < 2 * Self.blockTime
        guard count > 0 else {
            // Perhaps a little early: blocks take a little longer than they should.
            misses += 1
            return wasBusy && misses == 1 ? Self.retryTime : nil
        }
        foundAt = due
        misses = 0
        return wasBusy ? Self.blockTime : nil
    }

    private func look(at due: Int64, in delay: TimeAmount) {
        guard let shard else { return }
        nextLook = due
        do {
            next = try shard.loop.assumeIsolated().scheduleCallback(in: delay, handler: self)
        } catch {
            // The loop ends.
            stop()
        }
    }

    /// Lends what waits, up to a batch. Call on the shard's event loop.
    @discardableResult
    func lend(to shard: Shard) -> Int {
        guard failure == nil, !isStopped else { return 0 }
        let linkType = capture.linkType
        do throws(SystemRefusal) {
            shard.beginCapture()
            let number = number
            let count = try capture.dispatch(limit: Self.batch) {
                shard.capture($0, linkType: linkType, from: number)
            }
            isBehind = count == Self.batch
            shard.endBatch()
            return count
        } catch {
            failure = error
            stop()
            shard.onEvent(.captureFailed(error))
            return 0
        }
    }

    /// Lends no more.
    func stop() {
        isStopped = true
        watch?.stop()
        watch = nil
        next?.cancel()
        next = nil
        isBehind = false
        shard?.takeUpRelays()
        shard = nil
    }
}

extension CaptureSource: NIOScheduledCallbackHandler {
    func handleScheduledCallback(eventLoop: some EventLoop) {
        // One that was cancelled in the same turn of the loop comes all the same.
        guard next != nil, nextLook <= MonotonicClock.now else { return }
        next = nil
        look(at: nextLook)
    }
}
