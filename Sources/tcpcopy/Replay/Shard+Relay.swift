import HeaderRelay
import ReplayEngine
import Wire

// Headers in, and who holds which pair of addresses.
extension Shard: RelayClientDelegate {
    func relayed(_ headers: inout RelayedHeaders, by client: RelayClient) {
        let now = Self.now
        while let header = headers.next() { replayer.handleRelayed(header, now: now) }
        flush()
    }

    func relayed(_ answers: inout RelayedAnswers, by client: RelayClient) {
        let now = Self.now
        while let answer = answers.next() { replayer.handleAnswer(answer, now: now) }
        flush()
    }

    func relayFinishedReading(_ client: RelayClient) {
        let now = Self.now
        isReadingRelays = false
        cameLate = now - askedAt > Self.promptness
        settlePatience(now: now)
    }

    func relayConnected(_ client: RelayClient) {
        onEvent(.relayConnected("\(client)"))
        setAway(false, client)
    }

    func relayLost(_ client: RelayClient, loss: RelayLoss) {
        onEvent(.relayLost("\(client)", loss))
        setAnnouncing(false, by: client)
        setAway(true, client)
    }

    func relayFellSilent(_ client: RelayClient) { setAway(true, client) }

    func relayHeardAgain(_ client: RelayClient) { setAway(false, client) }

    /// What targets say is missed while an assistant is away that had relayed before.
    private func setAway(_ isAway: Bool, _ client: RelayClient) {
        if isAway { away.insert(ObjectIdentifier(client)) } else { away.remove(ObjectIdentifier(client)) }
        let relaying = relays.contains { $0.isConnected && !away.contains(ObjectIdentifier($0)) }
        replayer.handleRelayReach(away.isEmpty ? .whole : relaying ? .partial : .none, now: Self.now)
        flush()
    }

    func relayUnreachable(_ client: RelayClient, loss: RelayLoss) { onEvent(.relayUnreachable("\(client)", loss)) }

    func announcementRequired(_ required: Bool, by client: RelayClient) {
        setAnnouncing(required, by: client)
        if required { client.announce(replayer.heldFlows()) }
        // The call may stand inside a batch of the relay's, so what follows from it is done at once.
        flush()
    }

    /// Sessions that wait for grants announce themselves anew, to the assistants that now ask for it.
    private func setAnnouncing(_ required: Bool, by client: RelayClient) {
        let isChanged =
            required
            ? announcing.insert(ObjectIdentifier(client)).inserted
            : announcing.remove(ObjectIdentifier(client)) != nil
        guard isChanged else { return }
        pendingGrants = [:]
        replayer.setAnnouncing(!announcing.isEmpty)
    }

    /// A pair that one session has left and the next one takes is released first, or intercept would forget the next one.
    func announce() {
        let released = replayer.pollReleases()
        if !released.isEmpty { for relay in relays { relay.release(released) } }
        let flows = replayer.pollAnnouncements()
        if !flows.isEmpty {
            for flow in flows { pendingGrants[flow] = announcing.count }
            for relay in relays { relay.announce(flows) }
        }
    }

    /// A pair of addresses is granted when every assistant has granted it.
    func granted(_ flows: [Flow], by client: RelayClient) {
        for flow in flows {
            let left = (pendingGrants[flow] ?? 1) - 1
            pendingGrants[flow] = left > 0 ? left : nil
            if left <= 0 { replayer.handleGranted(flow, now: Self.now) }
        }
        flush()
    }

    func refused(_ flows: [Flow], by client: RelayClient) {
        for flow in flows {
            pendingGrants[flow] = nil
            replayer.handleRefused(flow, now: Self.now)
        }
        for relay in relays where relay !== client { relay.release(flows) }
        flush()
    }
}

// Wake-ups saved: while nothing waits to hear from a target, headers may come later, and many at a time.
extension Shard {
    /// Nothing must have listened for so long before the assistants learn that they have time, and how much.
    private static let patience: [(after: Interval, milliseconds: UInt8)] = [
        (.milliseconds(500), 4), (.milliseconds(100), 1), (.zero, 0),
    ]

    /// What was there when it was asked for is taken within so long.
    private static let promptness = Interval.microseconds(500)

    /// Leaves headers where they are until `endLook`, unless something waits for them. Looks at what was captured must follow
    /// each other within milliseconds.
    func leaveRelays() {
        guard !leavesRelays, !relays.isEmpty, !replayer.isListening(now: Self.now) else { return }
        leavesRelays = true
        for relay in relays { relay.setPatient(true) }
    }

    /// Takes headers as they come.
    func takeUpRelays() {
        guard leavesRelays else { return }
        leavesRelays = false
        isReadingRelays = false
        for relay in relays { relay.setPatient(false) }
    }

    /// Captured frames are about to be taken: turns may wait for headers that are still unread.
    func beginLook() { isReadingRelays = leavesRelays }

    /// Has what targets have said read when the loop looks at its sockets next.
    func endLook() {
        guard leavesRelays else { return }
        // What comes between two looks costs a wake-up if it was asked for before; next time it will be there.
        if cameLate, !replayer.isListening(now: Self.now) {
            cameLate = false
            isReadingRelays = false
            return
        }
        isReadingRelays = true
        askedAt = Self.now
        for relay in relays { relay.readOnce() }
    }

    /// Turns that wait for what is about to be read do not count. A recording's spacing is finer than that.
    func settlePatience(now: Instant) {
        guard !relays.isEmpty, playback == nil, !isReadingRelays else { return }
        if replayer.isListening(now: now) {
            listenedAt = now
            takeUpRelays()
        }
        let patience = Self.patience.first { now - listenedAt >= $0.after }?.milliseconds ?? 0
        for relay in relays { relay.grantPatience(milliseconds: patience) }
    }
}
