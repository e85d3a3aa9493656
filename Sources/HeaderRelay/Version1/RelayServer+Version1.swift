import NIOCore
import Wire

// tcpcopy hosts of TCPCopy 1.x, served beside those of this build's own protocol.
//
// They name no targets, so any subscriber may overlap with them: while one is connected all subscribers announce their
// sessions, and a response of which nobody knows the owner goes to nobody.
extension RelayServer: Version1Listener {
    func dialectOfTCPCopy1(for connection: RelayConnection) -> RelayDialect? {
        guard servesTCPCopy1 else {
            connection.close(.filterMissing)
            return nil
        }
        return Version1InterceptDialect(listener: self)
    }

    func version1Opened(_ connection: RelayConnection) {
        version1.join(connection)
        router.setServesVersion1(true, now: loop.now)
        observer?.tcpcopy1Connected(from: connection.remote)
        observer?.subscriptionsChanged(router.subscriptions)
        settle()
    }

    /// Forgets a connection that has ended; false if it was none of these.
    func version1Closed(_ connection: RelayConnection) -> Bool {
        guard version1.leave(connection) else { return false }
        if !version1.isServing { router.setServesVersion1(false, now: loop.now) }
        observer?.subscriptionsChanged(router.subscriptions)
        return true
    }

    /// A pair of addresses that a subscriber holds stays its own.
    func added(_ session: Version1Session, by connection: RelayConnection) {
        guard !router.isOwned(session.flow) else { return version1.refused += 1 }
        for header in version1.add(session, by: connection) { relay(header, to: connection) }
    }

    func deleted(_ session: Version1Session, by connection: RelayConnection) {
        version1.remove(session, by: connection)
    }

    func version1Settled() { flush() }

    /// Gives a header to whom it belongs, of hosts of both kinds.
    func publishToAll(_ header: borrowing SegmentHeader) {
        let session = Version1Session(header.flow.reversed)
        if let session, let connection = version1.connection(for: session) { return relay(header, to: connection) }
        let route = router.route(header)
        switch route {
        case .to(let index): return relay(header, to: index)
        case .nowhere(.ownerAway): return router.countDrop(.ownerAway)
        case .undecided, .nowhere: break
        }
        guard let session, Version1Waiting.isFirst(header) else {
            return route == .undecided ? router.hold(copy header) : router.countDrop(.unowned)
        }
        guard version1.hold(copy header, of: session, now: loop.now) else { return router.countDrop(.holdFull) }
        scheduleTimeout()
    }

    /// A subscriber announces sessions while TCPCopy 1.x is served: refuses those that it has, and sends on what has
    /// waited for the others, which are returned.
    func announceBesideVersion1(_ flows: [Flow], on connection: RelayConnection, index: SubscriberIndex) {
        let isTaken = { (flow: Flow) in Version1Session(flow).map(self.version1.sessions.isOwned) ?? false }
        let taken = flows.filter(isTaken)
        if !taken.isEmpty { connection.send(.refused(taken)) }
        let free = taken.isEmpty ? flows : flows.filter { !isTaken($0) }
        guard !free.isEmpty else { return }
        router.announce(free, by: index)
        for case let session? in free.lazy.map(Version1Session.init) {
            for header in version1.waiting.take(session) { publishToAll(header) }
        }
    }

    /// Gives up what has waited for an announcement long enough.
    func expireVersion1() {
        for _ in 0..<version1.waiting.expire(now: loop.now) { router.countDrop(.unowned) }
    }
}
