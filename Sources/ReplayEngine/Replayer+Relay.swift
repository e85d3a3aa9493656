import Wire

extension Replayer {
    /// Takes a header that a target sent, as intercept relayed it: from the target to a replayed client.
    public mutating func handleRelayed(_ header: SegmentHeader, now: Instant) {
        takeWaiting()
        let flow = header.flow.reversed
        guard let index = findReplayed(flow) else {
            resources.ignored.unknownResponses += 1
            return
        }
        handleProof(of: sessions[index].transfer, now: now)
        sessions[index].hear(header, now: now, &resources)
        markReady(index)
    }

    /// The target of a transfer was heard, here or by another shard: its sessions need not be held any more.
    public mutating func handleProof(of transfer: Int, now: Instant) {
        guard !settings.transfers[transfer].isUDP else { return datagrams.prove(transfer, now: now, &resources) }
        guard resources.admissions[transfer].state != .proven else { return }
        let target = resources.settings.transfers[transfer].target
        for other in resources.settings.transfers.indices
        where resources.settings.transfers[other].target == target && !settings.transfers[other].isUDP {
            wake(resources.admissions[other].prove())
            resources.events.append(.targetProven(transfer: other))
        }
    }

    /// Held sessions may try to open their connections (again).
    mutating func wake(_ indices: [Int]) {
        for index in indices where sessions[index].phase == .heldBySafeStart {
            sessions[index].phase = .dormant
            markReady(index)
        }
    }

    /// Assistants went away, or relay again. While any is away, a target's silence says nothing; no connection is opened while
    /// all are. When one is back, targets are asked for what was missed.
    public mutating func handleRelayReach(_ reach: RelayReach, now: Instant) {
        let old = resources.reach
        guard reach != old else { return }
        resources.reach = reach
        resources.reachChangedAt = now
        let isBetter = reach == .whole || old == .none
        if reach == .whole { datagrams.onRelayRestored(now: now, &resources) }
        for index in sessions.indices where isBetter && sessions[index].onRelayRestored(now: now) { markReady(index) }
    }

    /// Whether another tcpcopy host replays to the same addresses: then each pair is announced before its SYN.
    public mutating func setAnnouncing(_ isRequired: Bool) {
        resources.announces = isRequired
        resources.announcements = []
        for index in sessions.indices where sessions[index].phase == .awaitingGrant {
            sessions[index].phase = .dormant
            markReady(index)
        }
    }

    /// The pairs that live sessions hold: to be announced again to an intercept that does not know them.
    public func heldFlows() -> [Flow] {
        sessions.filter {
            ($0.hasConnected || $0.phase == .awaitingGrant) && ($0.isReplaying || $0.phase == .settling)
        }.map(\.replayFlow)
    }

    /// intercept granted a pair of addresses.
    public mutating func handleGranted(_ flow: Flow, now: Instant) {
        guard let index = findReplayed(flow),
            sessions[index].isReplaying
        else { return }
        sessions[index].isGranted = true
        guard sessions[index].phase == .awaitingGrant else { return }
        sessions[index].phase = .dormant
        markReady(index)
    }

    /// Another host holds a pair of addresses: its session takes another port.
    public mutating func handleRefused(_ flow: Flow, now: Instant) {
        guard let index = findReplayed(flow),
            sessions[index].phase == .awaitingGrant
        else { return }
        guard let free = freeFlow(for: flow) else {
            shed(index, reason: .noReplayAddress)
            return
        }
        releasePair(of: index)
        sessions[index].replayFlow = free
        table.insert(free, index, .replayed)
        sessions[index].phase = .dormant
        markReady(index)
    }

    /// Pairs of addresses to announce; empty unless `setAnnouncing(true)`.
    public mutating func pollAnnouncements() -> [Flow] {
        guard !resources.announcements.isEmpty else { return [] }
        defer { resources.announcements = [] }
        return resources.announcements
    }

    /// Pairs of addresses that were announced and are free again.
    public mutating func pollReleases() -> [Flow] {
        guard !releases.isEmpty else { return [] }
        defer { releases = [] }
        return releases
    }
}
