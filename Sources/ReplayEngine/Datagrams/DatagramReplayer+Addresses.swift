import Wire

// Which pair of addresses a flow replays from. Two live flows never share one; the ports are UDP's own.
extension DatagramReplayer {
    /// A pair that no live flow holds, of the pool, or else the client's address with another port; nil when there is
    /// none.
    mutating func freeFlow(for wanted: Flow, _ settings: ReplaySettings) -> Flow? {
        guard settings.clientPool == nil else {
            guard let pair = pairs?.take(isIPv4: wanted.sourceAddress.isIPv4) else { return nil }
            return Flow(from: pair, to: wanted.destination)
        }
        guard let ports = pairs?.ports, !ports.isEmpty else { return nil }
        var candidate = wanted
        for _ in 0..<Replayer.portTries {
            candidate.sourcePort = ports[Int(generator.next() % UInt64(ports.count))]
            if candidate.sourcePort != wanted.sourcePort, findReplayed(candidate) == nil { return candidate }
        }
        return nil
    }
}
