import HeaderRelay
import ReplayEngine

/// What a shard has to say to the user.
enum ShardEvent: Sendable {
    case replay(ReplayEvent)
    case relayConnected(String)
    case relayLost(String, RelayLoss)
    case relayUnreachable(String, RelayLoss)
}
