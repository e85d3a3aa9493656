/// Where what is captured is recorded, and when the next file begins.
struct RecordingSettings: Equatable, Sendable {
    /// As given; with rotation each file's number and beginning are put before its extension.
    var file: String
    /// Bytes after which the next file begins; nil for no such limit.
    var largestFile: Int?
    /// How long a file lasts; nil for no such limit.
    var longestFile: Duration?
    /// How many files are kept: an older one is removed when a new one begins. Nil keeps all.
    var keptFiles: Int?

    var rotates: Bool { largestFile != nil || longestFile != nil }
}
