import Wire

/// Which sessions are replayed: a share of the clients, the same in every run, possibly growing.
struct Selection {
    /// 1–100.
    let percent: Int
    /// Begin with one per cent and add one every second.
    let ramps: Bool
    let startedAt: Instant

    func includes(_ client: IPAddress, now: Instant) -> Bool {
        let seconds = (now - startedAt).nanoseconds / 1_000_000_000
        let share = ramps ? min(percent, 1 + Int(clamping: seconds)) : percent
        guard share < 100 else { return true }
        let hash = Flow(from: Endpoint(client, 0), to: Endpoint(client, 0)).mixed
        return Int((hash >> 32) % 100) < share
    }
}
