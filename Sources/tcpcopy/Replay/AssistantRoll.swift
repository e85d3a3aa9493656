import HeaderRelay

/// Which assistants relay at the moment: those that every shard is connected to.
struct AssistantRoll {
    private let shards: Int
    private var connections: [String: Int] = [:]
    /// Why a connection could not be had, or was lost, the last time.
    private var losses: [String: RelayLoss] = [:]

    init(shards: Int) { self.shards = shards }

    func isRelaying(_ assistant: String) -> Bool { connections[assistant] == shards }

    func loss(of assistant: String) -> RelayLoss? { losses[assistant] }

    /// A shard was connected; true if it was the last one that was missing.
    mutating func connected(_ assistant: String) -> Bool {
        connections[assistant, default: 0] += 1
        return isRelaying(assistant)
    }

    /// A shard has lost its connection; true if it is the first one.
    mutating func lost(_ assistant: String, _ loss: RelayLoss) -> Bool {
        let wasRelaying = isRelaying(assistant)
        connections[assistant, default: 0] -= 1
        losses[assistant] = loss
        return wasRelaying
    }

    /// A shard cannot connect; true if that is new of this assistant.
    mutating func unreachable(_ assistant: String, _ loss: RelayLoss) -> Bool {
        losses.updateValue(loss, forKey: assistant) == nil
    }
}
