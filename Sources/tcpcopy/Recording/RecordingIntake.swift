import LinkLayer

/// One shard's part of a recording: gathers captured frames, and hands them over block by block.
///
/// All on the shard's event loop. What the file can't take in time is dropped, not waited for.
final class RecordingIntake {
    private let recording: Recording
    /// Made with the first frame.
    private var block: RecordedBlock?

    init(_ recording: Recording) { self.recording = recording }

    /// - Parameter interface: its number in the file.
    func take(_ frame: borrowing CapturedFrame, from interface: Int) {
        if block == nil { block = RecordedBlock() }
        block?.add(frame, interface: interface)
        if block?.isFull == true { handOver() }
    }

    /// Hands over what has gathered.
    func handOver() {
        if let block = block.take() { recording.take(block) }
    }
}
