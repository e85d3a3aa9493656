import NIOCore
import NIOPosix
import OperatorInterface

/// A recording in progress: what all shards captured, written to files by a thread of its own.
///
/// Between the shards and the files there is room for a bounded amount; when the disk is too slow for it, whole blocks are
/// dropped and counted. So the replay pays for one copy of each frame and nothing else.
struct Recording: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let writer: NIOLoopBound<RecordingWriter>
    private let room: RecordingRoom
    private let tally: RecordingTally
    private let ticking: RepeatedTask

    /// How long captured frames may lie before they are handed over, and written.
    static let interval = TimeAmount.milliseconds(100)

    /// Creates the first file.
    ///
    /// - Parameters:
    ///   - interfaces: frames name them by their place.
    ///   - isOrdered: all frames come from one socket.
    ///   - failed: called once when no more can be written.
    static func open(
        _ settings: RecordingSettings, of interfaces: [RecordedInterface], isOrdered: Bool,
        failed: @escaping @Sendable (Refusal) -> Void
    ) async throws -> Recording {
        let (room, tally) = (RecordingRoom(), RecordingTally())
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let writer = try await loop.submit {
            let writer = RecordingWriter(
                try RecordingFile(settings, of: interfaces), isOrdered: isOrdered, room: room, tally: tally,
                failed: failed)
            return NIOLoopBound(writer, eventLoop: loop)
        }.get()
        let ticking = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in writer.value.tick() }
        return Recording(group: group, writer: writer, room: room, tally: tally, ticking: ticking)
    }

    /// Takes a block of frames, from any thread.
    func take(_ block: RecordedBlock) {
        guard room.reserve(block) else { return }
        writer.eventLoop.execute { [writer] in writer.value.take(block) }
    }

    /// Never waits for the disk.
    var figures: RecordingFigures {
        var figures = tally.figures
        figures.dropped += room.lostFrames
        return figures
    }

    /// Why nothing more is recorded.
    var failure: Refusal? { tally.failure }

    /// Writes what is there; what comes later is dropped. A disk that takes it too slowly is not waited for.
    ///
    /// - Parameters:
    ///   - patience: how long the disk is waited for.
    ///   - loop: for the time; not the recording's own.
    func finish(within patience: TimeAmount = .seconds(5), timedBy loop: any EventLoop) async {
        room.close()
        ticking.cancel()
        let (outcomes, continuation) = AsyncStream.makeStream(of: Bool.self)
        let alarm = loop.scheduleTask(in: patience) { continuation.yield(false) }
        writer.eventLoop.submit { [writer] in writer.value.finish() }.whenComplete { _ in continuation.yield(true) }
        for await isWritten in outcomes {
            alarm.cancel()
            if isWritten { try? await group.shutdownGracefully() }
            return
        }
    }
}
