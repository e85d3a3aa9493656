import Wire

/// Something the client does in its turn of the talk: an exchange's bytes, or the end of its side.
struct Turn {
    enum Kind: UInt8 {
        /// The bytes that a client sends before it next hears from the server.
        case exchange
        /// An exchange of which capture lost bytes for good: it can't be sent.
        case brokenExchange
        case fin
        case reset
    }

    var kind: Kind
    /// Why a broken exchange is broken.
    var reason: FailureReason = .captureHole
    /// Whether the client had heard from the server since its last payload, so that the gate must be asked.
    var waits: Bool
    /// Bytes that the client acknowledged to the online server between its previous turn and this one.
    var answered: Int32
    /// The position in the session's stream after this turn's last byte.
    var end: SequenceNumber
    var capturedAt: Instant
}

/// Turns of one session that were captured and not yet released, in a `TurnPool`.
struct TurnQueue {
    fileprivate(set) var head = TurnPool.none
    fileprivate var tail = TurnPool.none

    var isEmpty: Bool { head == TurnPool.none }
}

/// Where all sessions' waiting turns live: nodes linked into queues, recycled.
struct TurnPool: ~Copyable {
    static let none = UInt32.max

    private struct Node {
        var turn: Turn
        var next: UInt32
    }

    private var nodes: [Node] = []
    private var firstFree = TurnPool.none
    private var count = 0

    /// Bytes that waiting turns take.
    var bytesInUse: Int { count * MemoryLayout<Node>.stride }

    func first(of queue: TurnQueue) -> Turn? { queue.isEmpty ? nil : nodes[Int(queue.head)].turn }

    func last(of queue: TurnQueue) -> Turn? { queue.isEmpty ? nil : nodes[Int(queue.tail)].turn }

    mutating func updateLast(of queue: TurnQueue, _ change: (inout Turn) -> Void) {
        change(&nodes[Int(queue.tail)].turn)
    }

    mutating func append(_ turn: Turn, to queue: inout TurnQueue) {
        let node = Node(turn: turn, next: Self.none)
        let index: UInt32
        if firstFree == Self.none {
            index = UInt32(nodes.count)
            nodes.append(node)
        } else {
            index = firstFree
            firstFree = nodes[Int(index)].next
            nodes[Int(index)] = node
        }
        count += 1
        if queue.isEmpty { queue.head = index } else { nodes[Int(queue.tail)].next = index }
        queue.tail = index
    }

    @discardableResult
    mutating func removeFirst(of queue: inout TurnQueue) -> Turn? {
        guard !queue.isEmpty else { return nil }
        let index = queue.head
        let node = nodes[Int(index)]
        queue.head = node.next
        if queue.isEmpty { queue.tail = Self.none }
        nodes[Int(index)].next = firstFree
        firstFree = index
        count -= 1
        return node.turn
    }
}
