import ReplayEngine

extension FailureReason {
    /// Plain words, to follow "failed:".
    var words: String {
        switch self {
        case .refusedByTarget: "refused by the target"
        case .handshakeTimeout: "no answer to the SYN"
        case .answerTimeout: "no answer in time"
        case .resetByTarget: "reset by the target"
        case .closedByTarget: "closed early by the target"
        case .resetByClient: "reset by the client first"
        case .captureHole: "bytes lost by capture"
        case .captureTruncated: "cut by the snapshot length"
        case .cutAtEnd: "cut by the end of the files"
        case .joinedMidway: "begun before it was seen"
        case .targetSilent: "held, target never heard"
        case .stopped: "unanswered at the stop"
        case .relayAway: "no assistant relaying"
        }
    }

    /// What the operator can do about it where files are played, in a sentence.
    var hintForFiles: String {
        switch self {
        case .captureHole:
            "The recording lacks packets, or parts of its links can't be read: record with a larger buffer (-B)."
        case .captureTruncated: "The recording cut packets: record with tcpdump -s 0."
        case .joinedMidway: "Connections were open before the recording began: ordinary at its beginning."
        default: hint
        }
    }

    /// What the operator can do about it, in a sentence.
    var hint: String {
        switch self {
        case .refusedByTarget: "Nothing listens on the target's port: start the service there, or mend the port in -x."
        case .handshakeTimeout: "Packets or answers are lost: run scripts/routing/target-route check on the target."
        case .answerTimeout: "The target's service was too slow for -t, or its answers stopped reaching the assistant."
        case .resetByTarget: "The service reset connections that online kept: its own log says why."
        case .closedByTarget:
            "The service closes connections earlier than online: compare time-outs and keep-alive limits."
        case .resetByClient: "The client gave up in the middle of a request: ordinary, nothing to mend."
        case .captureHole: "Capture could not keep up or missed packets: raise -B, listen on fewer interfaces."
        case .captureTruncated: "Packets were longer than -S: raise it."
        case .cutAtEnd:
            "The recording ended in the middle of a request: ordinary, one for each open connection at most."
        case .joinedMidway: "Connections were open before tcpcopy started: ordinary in the first minutes."
        case .targetSilent: "No answer ever came: check the route on the target and intercept on the assistant."
        case .stopped: "tcpcopy was stopped while they were on their way: ordinary."
        case .relayAway: "intercept was away, so no answer could be seen: look whether it runs and is in reach."
        }
    }
}
