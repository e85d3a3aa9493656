import Wire

extension DatagramReplayer {
    /// Takes a datagram that a client sent to the online endpoint of a transfer.
    mutating func capture(
        _ datagram: borrowing UDPDatagram, transfer: Int, selection: Selection, capturedAt: Instant, now: Instant,
        _ resources: inout ReplayResources
    ) {
        let first = flow(for: datagram.header, transfer: transfer, selection: selection, now: now, &resources)
        resources.ledgers[transfer].exchanges.captured += 1
        guard let first else { return enterWithoutFlow(datagram.header, transfer, selection, now, &resources) }
        let flow = flows[first]
        guard flow.choice != .notSelected else {
            resources.ledgers[transfer].exchanges.notSelected += 1
            return
        }
        let copies = Int(flow.copies)
        resources.ledgers[transfer].exchanges.selected += 1
        resources.ledgers[transfer].exchanges.replayed += copies + Int(flow.missingCopies)
        resources.ledgers[transfer].exchanges[shed: .noReplayAddress] += Int(flow.missingCopies)
        guard copies > 0 else { return }
        guard datagram.payload.byteCount == datagram.header.payloadLength else {
            resources.ledgers[transfer].exchanges[failed: .captureTruncated] += copies
            return
        }
        let bytes = datagram.payload.byteCount + DatagramQueue.bytesPerEntry
        guard resources.hasRoom(forDatagramBytes: bytes) else {
            resources.ledgers[transfer].exchanges[shed: .memory] += copies
            return
        }
        resources.ledgers[transfer].exchanges.inFlight += copies
        inFlight += copies
        queuedBytes += bytes
        flows[first].queued += 1
        queues[transfer].append(datagram.payload, flow: first, due: capturedAt)
        hasWork = true
    }

    /// There was no memory for the flow: its session is shed with the one datagram that is known of it.
    private func enterWithoutFlow(
        _ header: DatagramHeader, _ transfer: Int, _ selection: Selection, _ now: Instant,
        _ resources: inout ReplayResources
    ) {
        resources.ledgers[transfer].sessions.captured += 1
        guard selection.includes(header.flow.sourceAddress, now: now) else {
            resources.ledgers[transfer].sessions.notSelected += 1
            resources.ledgers[transfer].exchanges.notSelected += 1
            return
        }
        let copies = resources.settings.copies
        resources.ledgers[transfer].sessions.enterShed(copies: copies)
        resources.ledgers[transfer].exchanges.enterShed(copies: copies)
    }
}

extension Account {
    /// One was chosen, and given up at once in all its copies.
    fileprivate mutating func enterShed(copies: Int) {
        selected += 1
        replayed += copies
        self[shed: .memory] += copies
    }
}
