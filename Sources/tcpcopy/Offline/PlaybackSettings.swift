/// How capture files are to be played.
struct PlaybackSettings: Equatable, Sendable {
    enum Speed: Equatable, Sendable {
        /// So many times faster than recorded.
        case times(Double)
        /// As fast as the target answers.
        case max
    }

    /// At least one; `-` is standard input.
    var files: [String]
    var speed = Speed.times(1)
    /// The longest pause kept, in the file's time; nil keeps all.
    var longestPause: Duration?
    /// How often the files are played; 0 plays them until stopped.
    var rounds = 1
}
