import HeaderRelay
import LinkLayer
import ReplayEngine

/// What a shard has to say to the user.
enum ShardEvent: Sendable {
    case replay(ReplayEvent)
    case captureFailed(SystemRefusal)
    case relayConnected(String)
    case relayLost(String, RelayLoss)
    case relayUnreachable(String, RelayLoss)
}
