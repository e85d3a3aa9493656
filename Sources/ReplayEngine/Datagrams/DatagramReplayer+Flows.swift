import Wire

// Flows, and the sessions that they count as.
extension DatagramReplayer {
    /// The first copy of the flow that a datagram belongs to, begun if need be; nil when there is no memory for it.
    mutating func flow(
        for header: DatagramHeader, transfer: Int, selection: Selection, now: Instant,
        _ resources: inout ReplayResources
    ) -> Int? {
        if let known = find(header.flow) {
            let isOutdated =
                flows[known].choice == .notSelected && !flows[known].isOpen
                && selection.includes(header.flow.sourceAddress, now: now)
            guard isOutdated else {
                touch(known, now: now)
                if !flows[known].isOpen { open(known, &resources) }
                return known
            }
            remove(known, &resources)
        }
        retireEarly(&resources)
        let isSelected = selection.includes(header.flow.sourceAddress, now: now)
        let copies = isSelected ? resources.settings.copies : 1
        guard resources.hasRoom(forDatagramBytes: copies * Self.bytesPerFlow) else { return nil }
        let first =
            isSelected
            ? addCopies(of: header.flow, transfer: transfer, now: now, resources.settings)
            : add(
                DatagramFlow(
                    captured: header.flow, replayed: header.flow, transfer: transfer, choice: .notSelected, now: now))
        table.insert(header.flow, first, .captured)
        link(first)
        open(first, &resources)
        return first
    }

    private mutating func addCopies(of flow: Flow, transfer: Int, now: Instant, _ settings: ReplaySettings) -> Int {
        let target = settings.transfers[transfer].target
        let wanted = Flow(from: settings.replayClient(flow.source), to: target)
        var first: Int?
        var last = -1
        for copy in 0..<settings.copies {
            let keepsPair = copy == 0 && settings.clientPool == nil && findReplayed(wanted) == nil
            guard let free = keepsPair ? wanted : freeFlow(for: wanted, settings) else { break }
            let index = add(
                DatagramFlow(captured: flow, replayed: free, transfer: transfer, choice: .replayed, now: now))
            table.insert(free, index, .replayed)
            if last >= 0 { flows[last].nextCopy = Int32(index) }
            first = first ?? index
            last = index
            flows[first ?? index].copies += 1
        }
        let head =
            first
            ?? add(DatagramFlow(captured: flow, replayed: wanted, transfer: transfer, choice: .addressless, now: now))
        flows[head].missingCopies = UInt16(settings.copies) - flows[head].copies
        return head
    }

    private mutating func add(_ flow: DatagramFlow) -> Int {
        if let free = freeIndices.popLast() {
            flows[Int(free)] = flow
            return Int(free)
        }
        flows.append(flow)
        return flows.count - 1
    }

    /// The flow counts as a session from now on.
    private mutating func open(_ first: Int, _ resources: inout ReplayResources) {
        flows[first].isOpen = true
        let flow = flows[first]
        let transfer = Int(flow.transfer)
        resources.ledgers[transfer].sessions.captured += 1
        guard flow.choice != .notSelected else { return resources.ledgers[transfer].sessions.notSelected += 1 }
        resources.ledgers[transfer].sessions.selected += 1
        resources.ledgers[transfer].sessions.replayed += Int(flow.copies) + Int(flow.missingCopies)
        resources.ledgers[transfer].sessions.inFlight += Int(flow.copies)
        resources.ledgers[transfer].sessions[shed: .noReplayAddress] += Int(flow.missingCopies)
    }

    /// The session has ended; late answers are still its own.
    mutating func close(_ first: Int, _ resources: inout ReplayResources) {
        guard flows[first].isOpen else { return }
        flows[first].isOpen = false
        let (transfer, copies) = (Int(flows[first].transfer), Int(flows[first].copies))
        resources.ledgers[transfer].sessions.inFlight -= copies
        resources.ledgers[transfer].sessions.answered += copies
    }

    /// Whatever is captured from now on belongs to new sessions.
    mutating func closeAll(_ resources: inout ReplayResources) {
        var index = Int(oldest)
        while index >= 0 {
            close(index, &resources)
            index = Int(flows[index].newer)
        }
    }

    /// Forgets a flow in all its copies. Precondition: it is settled.
    mutating func remove(_ first: Int, _ resources: inout ReplayResources) {
        close(first, &resources)
        table.remove(flows[first].captured, first, .captured)
        unlink(first)
        var next: Int? = first
        while let index = next {
            next = copy(after: index)
            let flow = flows[index]
            if flow.choice == .replayed {
                table.remove(flow.replayed, index, .replayed)
                if resources.settings.clientPool?.contains(flow.replayed.sourceAddress) == true {
                    pairs?.giveBack(flow.replayed.source)
                }
            }
            freeIndices.append(Int32(index))
        }
    }

    /// Whether nothing of the flow waits to be sent or answered.
    func isSettled(_ first: Int) -> Bool {
        guard flows[first].queued == 0 else { return false }
        var next: Int? = first
        while let index = next {
            guard flows[index].waiting == 0 else { return false }
            next = copy(after: index)
        }
        return true
    }

    /// Flows may take an eighth of the memory; beyond it those go that have been idle longest.
    private mutating func retireEarly(_ resources: inout ReplayResources) {
        while flowCount * Self.bytesPerFlow > resources.settings.memoryLimit / 8, oldest >= 0,
            isSettled(Int(oldest))
        {
            remove(Int(oldest), &resources)
        }
    }
}

// The order in which flows were last active.
extension DatagramReplayer {
    mutating func touch(_ index: Int, now: Instant) {
        flows[index].lastCapture = now
        guard newest != Int32(index) else { return }
        unlink(index)
        link(index)
    }

    private mutating func link(_ index: Int) {
        flows[index].older = newest
        flows[index].newer = -1
        if newest >= 0 { flows[Int(newest)].newer = Int32(index) } else { oldest = Int32(index) }
        newest = Int32(index)
    }

    private mutating func unlink(_ index: Int) {
        let (older, newer) = (flows[index].older, flows[index].newer)
        if older >= 0 { flows[Int(older)].newer = newer } else { oldest = newer }
        if newer >= 0 { flows[Int(newer)].older = older } else { newest = older }
    }
}
