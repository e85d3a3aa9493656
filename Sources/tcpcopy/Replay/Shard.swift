import HeaderRelay
import LinkLayer
import NIOCore
import ReplayEngine
import Wire

/// One worker: an event loop that owns an engine, its capture sockets, its relay connections and its injector.
///
/// It replays the sessions of one slice and shares nothing with the other shards. Captured frames and relayed headers come in on the loop and injected packets leave on it, so that nothing on that
/// path changes thread or takes a lock. After every batch of either the engine is polled until it has nothing left.
final class Shard {
    let loop: any EventLoop
    var replayer: Replayer
    /// Nil in a dry run, in which a built-in target answers instead.
    private var injector: Injector?
    private var addressing: [LinkAddressing?]
    private var batch = PacketBatch()
    var capturing = CapturingStatistics()
    var fragments = FragmentReassembler()
    private var alarm: (at: Instant, callback: NIOScheduledCallback)?
    private var alarmRangAt = Instant.zero
    /// How often the loop was woken for the engine alone.
    private(set) var alarmsRung = 0
    /// When captured frames will have been looked at again, if that is soon.
    private var lookedAt = Instant.zero
    var captureClock = CaptureClock(offset: MonotonicClock.offsetFromEpoch, now: Shard.now)
    var capturedNow = Instant.zero
    /// Another turn of `flush` is to come.
    private var isFlushing = false
    /// How long the last batch of captured frames took.
    var batchTook = Interval.zero

    /// The share of all sessions that is this shard's.
    let slice: Slice
    /// Its capture sockets, one for each interface.
    var sources: [CaptureSource] = []
    /// Whether there is anything to replay; else frames are only recorded.
    let replays: Bool
    /// What records the captured frames.
    var recording: RecordingIntake?
    /// What plays files in the place of live traffic.
    var playback: Playback?
    /// Its relay connections, one for each assistant.
    var relays: [RelayClient] = []
    /// Headers are left where they are until the next look at what was captured, or are about to be read after it.
    var leavesRelays = false
    var isReadingRelays = false
    /// When headers were asked for last, and whether they came only some time later.
    var askedAt = Instant.zero
    var cameLate = false
    /// When something waited for a target last.
    var listenedAt = Instant.zero
    /// The assistants that relayed, and do not at the moment.
    var away: Set<ObjectIdentifier> = []
    /// The assistants that another tcpcopy host uses for the same responses.
    var announcing: Set<ObjectIdentifier> = []
    /// How many grants an announced pair of addresses still needs.
    var pendingGrants: [Flow: Int] = [:]
    /// Gives a packet to the shard of the slice with this index.
    var handOver: (UInt16, WholePacket) -> Void = { _, _ in }
    /// Called once, before the first such packet.
    var onFirstHandOver: (() -> Void)?
    /// What the shard has to say to the user.
    var onEvent: (ShardEvent) -> Void = { _ in }

    /// - Parameters:
    ///   - injector: nil for a dry run.
    ///   - addressing: for each transfer how its frames leave.
    init(settings: ReplaySettings, injector: consuming Injector?, addressing: [LinkAddressing?], on loop: any EventLoop)
    {
        self.loop = loop
        slice = settings.slice
        replays = !settings.transfers.isEmpty
        replayer = Replayer(settings: settings, now: Self.now)
        self.injector = injector
        self.addressing = addressing
    }

    static var now: Instant { Instant(nanoseconds: MonotonicClock.now) }

    var injection: InjectionStatistics { injector?.statistics ?? InjectionStatistics() }

    /// How frames leave from now on: a next hop was found, or has changed.
    func address(_ addressing: [LinkAddressing?]) { self.addressing = addressing }

    /// Another shard has heard the target: sessions need not wait for that here either.
    func targetProven(_ transfer: Int) {
        replayer.handleProof(of: transfer, now: Self.now)
        flush()
    }

    /// Ends what has not ended by itself.
    func endSessions() {
        replayer.endAll(now: Self.now)
        flush()
    }
}

// Packets out
extension Shard {
    /// Whether more batches go before the loop turns to what else there is. Captured frames must not wait in the ring behind
    /// bulk that is to be injected, or the kernel drops them; so while more wait, both get about the same time.
    private func goesOn(after batches: Int, since start: Instant) -> Bool {
        guard sources.contains(where: \.isBehind) else { return batches < 4 }
        return batches == 0 || Self.now - start < batchTook
    }

    /// A task that the loop is given to do at once it does before it looks at its sockets again; one due so much later, after.
    static let turnPause = TimeAmount.microseconds(5)

    private static let lookSlack = Interval.milliseconds(1)
    /// The least time between two alarms.
    private static let alarmPause = Interval.milliseconds(4)

    /// Does what the engine has to do now: packets, announcements, events, the next alarm. What is left after some
    /// batches follows in a turn of its own.
    func flush() {
        let now = Self.now
        if replayer.nextDeadline <= now { replayer.handleTimeout(now: now) }
        var batches = 0
        while replayer.hasWork, goesOn(after: batches, since: now) {
            _ = replayer.pollPackets(into: &batch, now: now)
            send(now: now)
            batches += 1
        }
        announce()
        for event in replayer.pollEvents() { onEvent(.replay(event)) }
        settlePatience(now: now)
        setAlarm(now: now)
        if replayer.hasWork { flushLater() }
    }

    private func flushLater() {
        guard !isFlushing else { return }
        isFlushing = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(in: Self.turnPause) {
            bound.value.isFlushing = false
            bound.value.flush()
        }
    }

    private func send(now: Instant) {
        if injector == nil {
            answer(now: now)
        } else {
            injector?.send(&batch, addressing: addressing)
        }
    }

    /// In a dry run every packet is answered as soon as it is written.
    private func answer(now: Instant) {
        let target = AnsweringTarget()
        for index in 0..<batch.count {
            let packet = batch.packet(index)
            if let header = try? TCPSegment(frame: packet, linkType: .raw, wireLength: packet.byteCount).header {
                if let answer = target.answer(to: header) { replayer.handleRelayed(answer, now: now) }
            } else if let header = try? DatagramHeader(frame: packet, linkType: .raw, wireLength: packet.byteCount) {
                replayer.handleAnswer(target.answer(to: header), now: now)
            }
        }
        batch.removeAll()
    }

    /// What was captured is looked at again so soon, which keeps the deadlines until then.
    func expectLook(in interval: Interval) { lookedAt = max(lookedAt, Self.now + interval + Self.lookSlack) }

    /// Sees to it that the engine's next deadline is kept: to the moment where deadlines are few; where they are many, or a look
    /// at what was captured is due before long, each may be some milliseconds late. Then what comes in lets `flush` keep most of
    /// them, and the loop is seldom woken for one.
    private func setAlarm(now: Instant) {
        let earliest = max(alarmRangAt + Self.alarmPause, lookedAt)
        let deadline = max(replayer.nextDeadline, earliest)
        let current = alarm?.at ?? .never
        guard deadline < current || current < earliest else { return }
        alarm?.callback.cancel()
        alarm = nil
        guard deadline != .never else { return }
        let delay = TimeAmount.nanoseconds(max(0, (deadline - now).nanoseconds))
        // It fails when the loop ends.
        alarm = (try? loop.assumeIsolated().scheduleCallback(in: delay, handler: self)).map { (deadline, $0) }
    }

    /// Ends its timer and its relay connections.
    func close() {
        alarm?.callback.cancel()
        alarm = nil
        for relay in relays { relay.stop() }
    }
}

extension Shard: NIOScheduledCallbackHandler {
    func handleScheduledCallback(eventLoop: some EventLoop) {
        // One that was cancelled in the same turn of the loop comes all the same.
        guard let alarm, alarm.at <= Self.now else { return }
        self.alarm = nil
        alarmRangAt = Self.now
        alarmsRung += 1
        flush()
    }
}
