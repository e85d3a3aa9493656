import Wire

extension Replayer {
    /// Takes a datagram that a client sent to an online endpoint. What concerns no transfer is counted and ignored.
    ///
    /// - Parameters:
    ///   - capturedAt: when the client sent it, on the same clock as `now`; it goes no earlier, and not before those of its
    ///     transfer that were handed over before.
    public mutating func handleCaptured(_ datagram: borrowing UDPDatagram, capturedAt: Instant, now: Instant) {
        let flow = datagram.header.flow
        guard let transfer = settings.transfers.firstIndex(where: { $0.isUDP && $0.matches(flow.destination) }),
            !isAnswer(flow, transfer)
        else {
            if !isAnswer(flow) { resources.ignored.otherDestination += 1 }
            return
        }
        guard !resources.isStopping else {
            resources.ignored.afterStop += 1
            return
        }
        datagrams.capture(
            datagram, transfer: transfer, selection: selection, capturedAt: capturedAt, now: now, &resources)
        resources.datagramBytes = datagrams.bytesInUse
    }

    /// Whether an online server sent it, as it stands in a recording of both directions.
    private func isAnswer(_ flow: Flow) -> Bool {
        settings.transfers.contains { $0.isUDP && $0.matches(flow.source) }
    }

    /// Where any address may be online's, as in a recording, a server's answer to a client with the server's own port looks
    /// like a client's datagram; but the client spoke first.
    private func isAnswer(_ flow: Flow, _ transfer: Int) -> Bool {
        settings.transfers[transfer].onlineAddresses.isEmpty && flow.sourcePort == flow.destinationPort
            && datagrams.find(flow.reversed) != nil
    }

    /// Takes the header of a datagram that a target sent, as intercept relayed it: from the target to a replayed client.
    public mutating func handleAnswer(_ header: DatagramHeader, now: Instant) {
        switch datagrams.hear(header, now: now, &resources) {
        case .answer: break
        case .surplus: resources.ignored.surplusAnswers += 1
        case .unknownFlow: resources.ignored.unknownResponses += 1
        }
    }
}
