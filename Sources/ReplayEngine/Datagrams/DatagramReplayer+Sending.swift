import Wire

extension DatagramReplayer {
    /// Writes datagrams that are to be sent now into `batch`. Returns true when there are more than fit.
    mutating func poll(into batch: inout PacketBatch, now: Instant, _ resources: inout ReplayResources) -> Bool {
        guard hasWork else { return false }
        for transfer in queues.indices {
            while let entry = queues[transfer].first, mayGo(entry, of: transfer, now: now) {
                let settings = resources.settings.transfers[transfer]
                let hasRoom = batch.hasRoom(
                    datagramOf: entry.payloadLength, isIPv4: settings.target.address.isIPv4,
                    packetSize: settings.packetSize)
                guard hasRoom else { return true }
                send(entry, of: transfer, packetSize: settings.packetSize, to: &batch, now: now, &resources)
            }
        }
        hasWork = false
        return false
    }

    private func mayGo(_ entry: DatagramQueue.Entry, of transfer: Int, now: Instant) -> Bool {
        guard admissions[transfer].isProven else {
            return max(admissions[transfer].nextProbe, entry.due) <= now
        }
        return schedules[transfer].due(entry.due) <= now
    }

    /// Sends one copy of the first datagram of a transfer.
    private mutating func send(
        _ entry: DatagramQueue.Entry, of transfer: Int, packetSize: Int, to batch: inout PacketBatch, now: Instant,
        _ resources: inout ReplayResources
    ) {
        let index = Int(entry.nextCopy)
        identification &+= 1
        let slice = resources.settings.slice
        queues[transfer].write(
            to: &batch, on: flows[index].replayed, packetSize: packetSize,
            identification: identification &* UInt32(slice.count) &+ UInt32(slice.index), target: transfer)
        if admissions[transfer].isProven {
            resources.ledgers[transfer].lateness.enter(now - schedules[transfer].due(entry.due))
        } else {
            admissions[transfer].onProbe(now: now)
        }
        if resources.settings.transfers[transfer].carrier == .oneWayUDP {
            inFlight -= 1
            resources.ledgers[transfer].exchanges.inFlight -= 1
            resources.ledgers[transfer].exchanges.silent += 1
        } else {
            flows[index].waiting += 1
            waits.append(flow: index, now: now, patience: Self.patience(resources))
        }
        if let next = copy(after: index) {
            queues[transfer].advanceFirst(to: Int32(next))
        } else {
            dropFirst(of: transfer, entry)
        }
    }

    private mutating func dropFirst(of transfer: Int, _ entry: DatagramQueue.Entry) {
        queuedBytes -= entry.payloadLength + DatagramQueue.bytesPerEntry
        flows[Int(entry.flow)].queued -= 1
        queues[transfer].removeFirst()
    }

    /// The first datagram of a transfer is given up, in the copies of it that were not sent.
    mutating func failFirst(of transfer: Int, _ reason: FailureReason, _ resources: inout ReplayResources) {
        guard let entry = queues[transfer].first else { return }
        var next: Int? = Int(entry.nextCopy)
        while let index = next {
            inFlight -= 1
            resources.ledgers[transfer].exchanges.inFlight -= 1
            resources.ledgers[transfer].exchanges[failed: reason] += 1
            next = copy(after: index)
        }
        dropFirst(of: transfer, entry)
    }
}
