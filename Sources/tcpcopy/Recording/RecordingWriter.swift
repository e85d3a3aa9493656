import LinkLayer
import OperatorInterface

/// Puts what the shards captured in the order of time, and writes it.
///
/// All on one event loop, which may wait for the disk; only its figures may be asked for from elsewhere.
final class RecordingWriter {
    private var file: RecordingFile
    private let room: RecordingRoom
    private let tally: RecordingTally
    /// Blocks of several sockets overlap in time; those of one are in order already.
    private let isOrdered: Bool
    /// What waits for its turn.
    private var held: [RecordedBlock] = []
    /// What is to be written next, and how many frames that is.
    private var output: [UInt8] = []
    private var outputFrames = 0
    private var hasFailed = false
    private let failed: (Refusal) -> Void

    /// How far back frames may still come from another socket: as long as rings and blocks hold them on a busy machine.
    private static let window: Int64 = 500_000_000
    private static let outputSize = 1 << 20

    /// - Parameter isOrdered: all frames come from one socket.
    init(
        _ file: consuming RecordingFile, isOrdered: Bool, room: RecordingRoom, tally: RecordingTally,
        failed: @escaping (Refusal) -> Void
    ) {
        tally.change { ($0.bytes, $0.files) = (file.bytesOfAll, file.number) }
        self.file = file
        self.isOrdered = isOrdered
        self.room = room
        self.tally = tally
        self.failed = failed
    }

    /// Takes a block, and writes what need not wait.
    func take(_ block: RecordedBlock) {
        held.append(block)
        if isOrdered || room.isCrowded { sort(until: .max) }
    }

    /// Writes what has waited long enough.
    func tick() {
        sort(until: Self.horizon)
        attempt(writeOut)
    }

    /// Writes all there is.
    func finish() {
        sort(until: .max)
        attempt(writeOut)
    }

    private static var horizon: Int64 { MonotonicClock.now &+ MonotonicClock.offsetFromEpoch &- window }

    /// Puts the frames up to an instant behind those that are to be written.
    private func sort(until limit: Int64) {
        var due: [(entry: RecordedBlock.Entry, block: Int)] = []
        for index in held.indices {
            for entry in held[index].takeEntries(until: limit) { due.append((entry, index)) }
        }
        due.sort { one, other in
            (one.entry.timestamp, one.block, one.entry.range.lowerBound)
                < (other.entry.timestamp, other.block, other.entry.range.lowerBound)
        }
        for (entry, index) in due { add(held[index].bytes(of: entry), at: entry.timestamp) }
        room.releaseBytes(held.reduce(0) { $0 + ($1.entries.isEmpty ? $1.byteCount : 0) })
        held.removeAll(where: \.entries.isEmpty)
    }

    private func add(_ packet: ArraySlice<UInt8>, at timestamp: Int64) {
        if file.isFull(at: timestamp, adding: output.count + packet.count) {
            attempt { () throws(Refusal) in
                try writeOut()
                try file.beginNext()
            }
        }
        guard !hasFailed else { return drop(1) }
        file.noteFrame(at: timestamp)
        output += packet
        outputFrames += 1
        if output.count >= Self.outputSize { attempt(writeOut) }
    }

    private func writeOut() throws(Refusal) {
        guard outputFrames > 0 else { return }
        try file.write(output)
        tally.change {
            ($0.bytes, $0.files) = (file.bytesOfAll, file.number)
            $0.frames += outputFrames
        }
        room.releaseFrames(outputFrames)
        output.removeAll(keepingCapacity: true)
        outputFrames = 0
    }

    /// The first failure ends the recording: what is not written by then, and all that comes, is dropped.
    private func attempt(_ body: () throws(Refusal) -> Void) {
        guard !hasFailed else { return }
        do throws(Refusal) {
            try body()
        } catch {
            hasFailed = true
            tally.end(for: error)
            drop(outputFrames)
            (output, outputFrames) = ([], 0)
            failed(error)
        }
    }

    private func drop(_ frames: Int) {
        tally.change { $0.dropped += frames }
        room.releaseFrames(frames)
    }
}
