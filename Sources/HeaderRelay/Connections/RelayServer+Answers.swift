import Wire

// Answers of UDP. Nobody holds a pair of addresses here: whoever asks for a target's answers to a client gets them, and
// knows by itself which are its own.
extension RelayServer {
    /// Gives an answer to all who ask for it; its flow goes from target to client. Write it by `flush`.
    public func publish(_ answer: DatagramHeader) {
        var outcome = AnswerOutcome()
        for index in router.subscribersAsking(forAnswersOf: answer.flow.source)
        where router.subscription(of: index)?.covers(client: answer.flow.destination) == true {
            let connection = places[index]
            if outcome.relay(answer, to: connection), let connection { flushLater(connection) }
        }
        countPublished(outcome)
    }
}

/// What became of an answer that any number of subscribers ask for: it counts as relayed if one of them was given it.
struct AnswerOutcome {
    /// Why nobody was given it; nil if somebody was.
    private(set) var drop: HeaderDrop? = .unasked

    /// Gives it to one who asks for it, if that one can be reached; true if there was nothing to flush there before.
    mutating func relay(_ answer: DatagramHeader, to connection: RelayConnection?) -> Bool {
        guard let connection else {
            if drop != nil { drop = .ownerAway }
            return false
        }
        let hadOutgoing = connection.hasOutgoing
        guard connection.relay(answer) else {
            if drop != nil { drop = .slowSubscriber }
            return false
        }
        drop = nil
        return !hadOutgoing
    }
}
