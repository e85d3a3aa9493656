import LinkLayer
import NIOCore
import OperatorInterface
import ReplayEngine
import Wire

/// Capture files played into a shard: merged by time, at the pace that was asked for, round after round.
///
/// Everything happens on the shard's event loop. It never feeds more than the engine has use for: packets go in when they
/// are due, and wait in their files while the target is behind.
final class Playback {
    private let settings: PlaybackSettings
    private unowned let shard: Shard
    private var sources: [FileSource]
    private var timeline: Timeline
    /// How far the rounds before came, on the recording's clock.
    private var recordedBefore = Instant.zero
    private var round = 1
    private var hasRecords = false
    private var isStartGuarded = true
    private var state = State.playing
    private var backlog: Backlog
    /// Nothing is known to be next before a file has been read on.
    private var awaitsFile = true
    /// Why a file could not be read to its end.
    private(set) var failure: Refusal?

    private enum State: Equatable {
        case playing
        /// The files are at their end: what is still on its way is waited for, until then.
        case draining(until: Instant)
        case stopped
    }

    /// Packets fed before the loop turns to what else there is; never more datagrams than may be on their way.
    private var batch: Int { shard.replayer.copiesDatagrams ? Backlog.datagramLimit : 128 }
    /// The least time between two wake-ups for packets that become due, so that a few go together, each a little late. What
    /// the recording's spacing is worth: the engine's own alarm, which is seldom, must not decide it.
    private static let grain = Interval.microseconds(200)
    private static let recess = Interval.milliseconds(1)
    /// How much longer than a session's time-out the end is waited for.
    private static let drainPatience = Interval.seconds(10)
    private static let drainInterval = Interval.milliseconds(20)

    /// Opens the files.
    init(_ settings: PlaybackSettings, for shard: Shard) throws(Refusal) {
        self.settings = settings
        self.shard = shard
        sources = try settings.files.map { path throws(Refusal) in try FileSource(path) }
        if settings.rounds != 1, let index = sources.firstIndex(where: { $0.size == nil }) {
            throw Refusal(
                "-T \(settings.rounds): \(settings.files[index]) can be read only once; a file on a disk is expected")
        }
        timeline = Self.timeline(settings, start: Shard.now)
        backlog = Backlog(hasPace: settings.speed != .max, memoryLimit: shard.replayer.settings.memoryLimit)
    }

    private static func timeline(_ settings: PlaybackSettings, start: Instant) -> Timeline {
        let speed = if case .times(let factor) = settings.speed { factor } else { 1.0 }
        return Timeline(start: start, speed: speed, longestPause: settings.longestPause.map { Interval($0) })
    }

    /// How far it has come.
    var progress: PlaybackProgress {
        let sizes = sources.compactMap(\.size)
        let size = sizes.reduce(0, +)
        let read = sources.reduce(0) { $0 + $1.position }
        let share = sizes.count == sources.count && size > 0 ? min(1, Double(read) / Double(size)) : nil
        return PlaybackProgress(share: share, round: round, rounds: settings.rounds)
    }

    /// Begins to play.
    func start() throws(SystemRefusal) {
        timeline = Self.timeline(settings, start: Shard.now)
        try startRound()
    }

    /// Plays no more.
    func stop() {
        state = .stopped
        for source in sources { source.stop() }
    }

    private func startRound() throws(SystemRefusal) {
        hasRecords = false
        shard.replayer.guardStart(until: .never)
        isStartGuarded = true
        awaitsFile = true
        for source in sources {
            try source.start(on: shard.loop) { [weak self] in
                guard let self, awaitsFile else { return }
                play()
            }
        }
    }

    /// Why no more packets are fed for now.
    private enum Halt {
        case batchIsFull
        case engineIsBehind
        /// The next is due then.
        case early(Instant)
        case fileIsUnread
        case atEnd
    }

    /// Feeds what is due, and sees to it that the rest follows.
    private func play() {
        guard state == .playing else { return }
        awaitsFile = false
        let halt = feed()
        shard.flush()
        switch halt {
        case .batchIsFull: playLater(.zero)
        case .engineIsBehind: playLater(Self.recess)
        case .early(let due): playLater(max(due, shard.capturedNow + Self.grain) - Shard.now)
        case .fileIsUnread: awaitsFile = true
        case .atEnd: endRound()
        }
    }

    private func feed() -> Halt {
        let shard = shard
        shard.beginCapture()
        let now = shard.capturedNow
        guard backlog.allowsMore(shard.replayer, now: now) else {
            if backlog.isStuck(now: now) { shard.replayer.giveUpHoles(now: now) }
            return .engineIsBehind
        }
        var left = batch
        while left > 0 {
            switch earliest() {
            case .file(let index, let limit):
                if let halt = feed(from: sources[index], until: limit, atMost: &left, now: now) { return halt }
            case .unread: return .fileIsUnread
            case .end: return .atEnd
            }
        }
        return .batchIsFull
    }

    /// Feeds a file's next record and those after it that are earlier than `limit`.
    ///
    /// - Returns: `.early` when its next is not due yet; else nil.
    private func feed(from source: FileSource, until limit: Int64, atMost left: inout Int, now: Instant) -> Halt? {
        let (shard, hasPace, recordedBefore) = (shard, settings.speed != .max, recordedBefore)
        var timeline = timeline
        var isFirst = true
        var halt: Halt?
        source.lend { record, bytes in
            guard left > 0, isFirst || record.timestamp < limit else { return false }
            isFirst = false
            let due = timeline.due(record.timestamp)
            // Also before this one is due: nothing comes until then.
            shard.replayer.followCapture(to: recordedBefore + timeline.recorded, now: now)
            guard !hasPace || due <= now else {
                halt = .early(due)
                return false
            }
            if isStartGuarded, timeline.elapsed >= Replayer.startGuard { endStartGuard() }
            shard.replay(bytes, of: record, capturedAt: hasPace ? due : nil)
            left -= 1
            return true
        }
        self.timeline = timeline
        hasRecords = true
        return halt
    }

    private func endStartGuard() {
        isStartGuarded = false
        shard.replayer.guardStart(until: .zero)
    }

    /// A file that is none of captured packets ends the replay before anything is sent; what is damaged, its file alone.
    private func earliest() -> NextFile {
        let next = NextFile(sources.lazy.map { $0.peek() })
        for source in sources {
            guard let refusal = source.takeNews() else { continue }
            if sources.count > 1, source.isCapture { shard.onEvent(.fileFailed(refusal)) }
            failure = failure ?? refusal
        }
        return sources.allSatisfy(\.isCapture) ? next : .end
    }

    private func playLater(_ delay: Interval) {
        let bound = NIOLoopBound(self, eventLoop: shard.loop)
        guard delay > .zero else { return shard.loop.execute { bound.value.play() } }
        // A stamp centuries ahead is looked at again every hour.
        shard.loop.scheduleTask(in: .nanoseconds(min(delay, .seconds(3600)).nanoseconds)) { bound.value.play() }
    }

    private func endRound() {
        let end = settings.speed == .max ? Shard.now : max(timeline.position, Shard.now)
        shard.endCapture(at: end)
        shard.flush()
        guard failure == nil, settings.rounds == 0 || round < settings.rounds, hasRecords else { return drain() }
        round += 1
        recordedBefore = recordedBefore + timeline.recorded
        do {
            for source in sources { source.stop() }
            sources = try settings.files.map { path throws(Refusal) in try FileSource(path) }
            timeline = Self.timeline(settings, start: end)
            try startRound()
        } catch {
            failure = error as? Refusal ?? Refusal("\(error)", .systemError)
            drain()
        }
    }

    private func drain() {
        state = .draining(until: Shard.now + shard.replayer.settings.sessionTimeout + Self.drainPatience)
        awaitQuiet()
    }

    private func awaitQuiet() {
        guard case .draining(let limit) = state else { return }
        guard !shard.replayer.isQuiet, Shard.now < limit else {
            stop()
            return shard.onEvent(.played(isWhole: failure == nil))
        }
        let bound = NIOLoopBound(self, eventLoop: shard.loop)
        shard.loop.scheduleTask(in: .nanoseconds(Self.drainInterval.nanoseconds)) { bound.value.awaitQuiet() }
    }
}
