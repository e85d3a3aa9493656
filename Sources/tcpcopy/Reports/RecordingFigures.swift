/// What became of the frames that were to be recorded.
struct RecordingFigures: Encodable, Equatable, Sendable {
    /// Frames written.
    var frames = 0
    /// Bytes written, of all files.
    var bytes = 0
    /// Files begun.
    var files = 0
    /// Frames that are missing in the files because the disk was too slow, or refused them.
    var dropped = 0
}
