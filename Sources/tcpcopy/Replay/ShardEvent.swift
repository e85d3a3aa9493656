import HeaderRelay
import LinkLayer
import OperatorInterface
import ReplayEngine

/// What a shard has to say to the user.
enum ShardEvent: Sendable {
    case replay(ReplayEvent)
    /// How frames to a transfer's target leave now; nil while nobody knows.
    case nextHopChanged(transfer: Int, LinkAddressing?)
    case captureFailed(SystemRefusal)
    /// Nothing more is recorded.
    case recordingFailed(Refusal)
    /// One of several files can't be read any further.
    case fileFailed(Refusal)
    /// All files were played, to their ends or up to where one can't be read, and what was in them has come to its end.
    case played(isWhole: Bool)
    case relayConnected(String)
    case relayLost(String, RelayLoss)
    case relayUnreachable(String, RelayLoss)
}
