import ReplayEngine
import Testing
import Wire

extension World {
    /// Each client's stream stands at the target byte for byte, over one connection, ended as the client ended it; the
    /// ledger says so.
    func expectWhole(sourceLocation: SourceLocation = #_sourceLocation) {
        var connections: [UInt32: [SimulatedConnection]] = [:]
        for connection in target.all {
            guard let request = Request(connection.stream, at: 0) else {
                fail("a connection without a request", sourceLocation: sourceLocation)
                continue
            }
            connections[request.session, default: []].append(connection)
        }
        for client in clients {
            let own = connections[client.number] ?? []
            guard own.count == 1 else {
                fail("client \(client.number) has \(own.count) connections", sourceLocation: sourceLocation)
                continue
            }
            if own[0].stream != client.stream {
                fail(
                    "client \(client.number): \(own[0].stream.count) of \(client.stream.count) bytes",
                    sourceLocation: sourceLocation)
            }
            // A RST that is lost is not sent again, by anyone.
            let ended =
                client.end == .resetAfterAnswer
                ? own[0].wasReset || plan.injection.loss > 0 : own[0].hasClientFinished
            if !ended { fail("client \(client.number): \(client.end) did not arrive", sourceLocation: sourceLocation) }
        }
        let ledger = replayer.ledgers[0]
        let turns = clients.reduce(0) { $0 + $1.turns.count }
        if ledger.exchanges.captured != turns || ledger.exchanges.answered != turns
            || ledger.sessions.captured != clients.count || ledger.sessions.answered != clients.count
        {
            let failed = FailureReason.allCases.filter {
                ledger.exchanges[failed: $0] + ledger.sessions[failed: $0] > 0
            }
            fail(
                "\(turns) exchanges of \(clients.count) clients, failed for \(failed): \(ledger)",
                sourceLocation: sourceLocation)
        }
    }

    /// No request stands at the target twice, or changed.
    func expectNothingTwice(sourceLocation: SourceLocation = #_sourceLocation) {
        var seen: Set<Request> = []
        for connection in target.all {
            var start = 0
            for request in connection.requests {
                guard seen.insert(request).inserted else {
                    fail("\(connection.flow): request \(request) came twice", sourceLocation: sourceLocation)
                    return
                }
                let bytes = connection.stream[start..<start + request.length]
                start += request.length
                if !bytes.elementsEqual(request.bytes) {
                    fail("\(connection.flow): request \(request) was changed", sourceLocation: sourceLocation)
                    return
                }
            }
        }
    }

    /// What the ledger calls answered stands at the target, and nothing else does; every turn of the clients is in the
    /// ledger.
    func expectExactAnswers(sourceLocation: SourceLocation = #_sourceLocation) {
        let arrived = Set(target.all.flatMap(\.requests))
        let whole = clients.reduce(0) { sum, client in
            sum + client.turns.count { turn in client.requests[turn].allSatisfy { arrived.contains($0) } }
        }
        let exchanges = replayer.ledgers[0].exchanges
        let turns = clients.reduce(0) { $0 + $1.turns.count }
        if exchanges.captured != turns || exchanges.answered != whole {
            fail("\(turns) turns, \(whole) at the target: \(exchanges)", sourceLocation: sourceLocation)
        }
    }

    /// What the ledger calls answered stands at the target; every turn of the clients is in the ledger.
    func expectAnswersAtTarget(sourceLocation: SourceLocation = #_sourceLocation) {
        let arrived = Set(target.all.flatMap(\.requests))
        let whole = clients.reduce(0) { sum, client in
            sum + client.turns.count { turn in client.requests[turn].contains { arrived.contains($0) } }
        }
        let exchanges = replayer.ledgers[0].exchanges
        let turns = clients.reduce(0) { $0 + $1.turns.count }
        if exchanges.captured != turns { fail("\(turns) turns: \(exchanges)", sourceLocation: sourceLocation) }
        if exchanges.answered > whole {
            fail("\(exchanges.answered) answered, \(whole) at the target", sourceLocation: sourceLocation)
        }
    }
}
