import Wire

// Overload: whole sessions are given up, the newest first, so that the others are untouched.
extension Replayer {
    /// What a session costs beside its payload: itself, its slots, one or two, in a table that is two to four fifths full, its timer,
    /// its place among those that are ready or free.
    static let bytesPerSession = MemoryLayout<Session>.stride + 2 * 20 + 16 + 12

    /// Sheds sessions until so much payload of this one fits: newer ones, or else itself. Some more are shed than must be,
    /// so that not every packet sheds one.
    mutating func makeRoom(forBytes count: Int, of index: Int) {
        resources.isFull = false
        guard !resources.hasRoom(forBytes: count), sessions[index].isReplaying else { return }
        let spare = resources.settings.memoryLimit / 32
        var candidate = Int(newest)
        while candidate != index, !resources.hasRoom(forBytes: count + spare) {
            if sessions[candidate].isReplaying, sessions[candidate].hasWhatToFree { shed(candidate, reason: .memory) }
            candidate = Int(sessions[candidate].older)
        }
        guard !resources.hasRoom(forBytes: count) else { return }
        resources.isFull = true
        shed(index, reason: .memory)
    }

    mutating func shed(_ index: Int, reason: ShedReason) {
        guard sessions[index].shed(reason: reason, &resources) else { return }
        resources.events.append(.sessionShed(sessions[index].capturedFlow, reason))
        markReady(index)
    }

    /// Takes a session out of the order in which they began.
    mutating func unlinkAge(of index: Int) {
        let (older, newer) = (sessions[index].older, sessions[index].newer)
        if older >= 0 { sessions[Int(older)].newer = newer }
        if newer >= 0 { sessions[Int(newer)].older = older } else { newest = older }
    }
}
