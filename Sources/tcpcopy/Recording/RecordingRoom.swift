import Synchronization

/// How much waits between the shards and the files, and what found no room there. From any thread.
final class RecordingRoom: Sendable {
    private let waitingBytes = Atomic(0)
    private let waitingFrames = Atomic(0)
    private let refusedFrames = Atomic(0)
    private let isClosed = Atomic(false)

    /// Bytes that may wait.
    static let size = 16 << 20

    /// Takes a block's place. False, and its frames are counted, when there is none.
    func reserve(_ block: RecordedBlock) -> Bool {
        let before = waitingBytes.add(block.byteCount, ordering: .relaxed).oldValue
        guard before < Self.size, !isClosed.load(ordering: .relaxed) else {
            releaseBytes(block.byteCount)
            refusedFrames.add(block.frames, ordering: .relaxed)
            return false
        }
        waitingFrames.add(block.frames, ordering: .relaxed)
        return true
    }

    /// Gives back the place of bytes that are on their way to the file.
    func releaseBytes(_ count: Int) { waitingBytes.subtract(count, ordering: .relaxed) }

    /// Frames are written, or counted as dropped.
    func releaseFrames(_ count: Int) { waitingFrames.subtract(count, ordering: .relaxed) }

    /// Whether frames can't wait for those of other sockets any more.
    var isCrowded: Bool { waitingBytes.load(ordering: .relaxed) > Self.size / 2 }

    /// Frames that were refused, and once it is closed those that are still there: nobody waits for them any more.
    var lostFrames: Int {
        let waiting = isClosed.load(ordering: .relaxed) ? waitingFrames.load(ordering: .relaxed) : 0
        return refusedFrames.load(ordering: .relaxed) + waiting
    }

    /// Refuses from now on.
    func close() { isClosed.store(true, ordering: .relaxed) }
}
