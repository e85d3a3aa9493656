import Wire

extension Replayer {
    /// Flows of which it is remembered where an exchange begins, before anything of them is replayed.
    private static let beginningLimit = 1 << 16

    /// Takes a segment that an online server sent to a client. False when it concerns no transfer.
    mutating func handleCapturedResponse(_ header: SegmentHeader, now: Instant) -> Bool {
        guard resources.settings.transfers.contains(where: { !$0.isUDP && $0.matches(header.flow.source) }) else {
            return false
        }
        let flow = header.flow.reversed
        guard var index = find(flow) else {
            if header.payloadLength > 0, header.flags.contains(.ack) {
                rememberBeginning(of: flow, at: header.acknowledgement, now: now)
            }
            return true
        }
        while index >= 0 {
            sessions[index].hearOnline(header, &resources)
            // What is missing may be known to be lost now.
            if sessions[index].stream.hasHole { markReady(index) }
            index = Int(sessions[index].nextCopy)
        }
        return true
    }

    /// Notes that an exchange of a connection that was open before begins there: the server has answered what came
    /// before, or the client has heard the answer.
    mutating func rememberBeginning(of flow: Flow, at sequence: SequenceNumber, now: Instant) {
        guard now < guardedUntil, beginnings.count < Self.beginningLimit else { return }
        beginnings[flow] = sequence
    }

    /// Whether what is seen first of a connection may be the rest of an exchange whose beginning was not seen.
    mutating func mayBeMidway(_ header: SegmentHeader, now: Instant) -> Bool {
        guard now < guardedUntil else {
            if !beginnings.isEmpty { beginnings = [:] }
            return false
        }
        return !Self.isWholeWrite(header) && beginnings[header.flow] != header.sequence
    }
}
