import Wire

// Which pair of addresses a session replays from. Two live sessions never share one.
extension Replayer {
    /// A pair that no live session holds, of the pool, or else the client's address with another port; nil when there
    /// is none.
    mutating func freeFlow(for wanted: Flow) -> Flow? {
        guard resources.settings.clientPool != nil else { return otherPort(for: wanted) }
        // What is taken and held can only belong to a session that kept its client's pair.
        for _ in 0...table.replayedCount {
            guard let pair = pairs.take(isIPv4: wanted.sourceAddress.isIPv4) else { return nil }
            let flow = Flow(from: pair, to: wanted.destination)
            if !isHeld(flow) { return flow }
            pairs.giveBack(pair)
        }
        return nil
    }

    /// Tries ports at random, so that the search costs little even when hardly one is free: of a hundred ports one free
    /// is found nine times in ten.
    private mutating func otherPort(for wanted: Flow) -> Flow? {
        guard !pairs.ports.isEmpty else { return nil }
        var candidate = wanted
        for _ in 0..<Self.portTries {
            candidate.sourcePort = pairs.ports[Int(generator.next() % UInt64(pairs.ports.count))]
            if candidate.sourcePort != wanted.sourcePort, !isHeld(candidate) { return candidate }
        }
        return nil
    }

    static let portTries = 256

    @inline(__always) func isHeld(_ flow: Flow) -> Bool { findReplayed(flow) != nil }

    /// The session no longer holds its pair, if it ever did.
    mutating func releasePair(of index: Int) {
        let session = sessions[index]
        guard table.remove(session.replayFlow, index, .replayed) else { return }
        if session.isGranted { releases.append(session.replayFlow) }
        guard resources.settings.clientPool?.contains(session.replayFlow.sourceAddress) == true else { return }
        pairs.giveBack(session.replayFlow.source)
    }
}

/// What sessions may replay from when not from their clients' own address and port.
struct ReplayPairs {
    private var ipv4: PairAllotment?
    private var ipv6: PairAllotment?
    let ports: [UInt16]

    init(_ settings: ReplaySettings, start: UInt64) {
        let ports = PortSpace(slice: settings.slice, part: settings.portPart).ports
        self.ports = ports
        guard let pool = settings.clientPool else { return }
        ipv4 = PairAllotment(pool: pool.family(isIPv4: true), ports: ports, start: start)
        ipv6 = PairAllotment(pool: pool.family(isIPv4: false), ports: ports, start: start)
    }

    mutating func take(isIPv4: Bool) -> Endpoint? { isIPv4 ? ipv4?.take() : ipv6?.take() }

    mutating func giveBack(_ pair: Endpoint) {
        if pair.address.isIPv4 { ipv4?.giveBack(pair) } else { ipv6?.giveBack(pair) }
    }
}
