import ReplayEngine

extension ShedReason {
    /// Plain words, to follow "shed:".
    var words: String {
        switch self {
        case .memory: "memory in use"
        case .backlog: "one session's backlog"
        case .noReplayAddress: "no free replay address"
        }
    }

    /// What the operator can do about it, in a sentence.
    var hint: String {
        switch self {
        case .memory: "The target cannot keep up and -m is reached: give more memory, or the target less traffic."
        case .backlog: "The target takes one session's bytes more slowly than its client sent them."
        case .noReplayAddress: "The client's address and port, and those beside it, are in use by other live sessions."
        }
    }
}
