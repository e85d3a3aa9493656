/// How far the files have been played.
struct PlaybackProgress: Equatable, Sendable {
    /// From 0 to 1; nil where nobody can know, as for standard input.
    var share: Double?
    /// Which round this is, from 1.
    var round = 1
    /// How many there will be; 0 for until stopped.
    var rounds = 1

    /// The share of all rounds together.
    var wholeShare: Double? {
        share.flatMap { rounds == 0 ? nil : (Double(round - 1) + $0) / Double(rounds) }
    }
}
