// Captures with a clock of their own, that of a recording, which runs at another speed than the engine's, and stands still at times.
extension Replayer {
    /// The capture has come so far, on its own clock: all that was captured before has been handed in. From the first call on
    /// holes in what was captured are judged by that clock, on which the client's retransmissions would have come.
    ///
    /// - Parameter instant: never earlier than the one before; counts from any moment.
    public mutating func followCapture(to instant: Instant, now: Instant) {
        takeWaiting()
        resources.captureTime = max(resources.captureTime ?? instant, instant)
        while let index = holes.popExpired(now: instant) {
            sessions[index].judgeHole(now: now, &resources)
            markReady(index)
        }
    }

    /// Nothing more is captured before what waits has moved, so that nothing would fill a hole either: all are final.
    public mutating func giveUpHoles(now: Instant) {
        takeWaiting()
        for index in sessions.indices where sessions[index].stream.hasHole {
            sessions[index].giveUpHoles(now: now, &resources)
            markReady(index)
        }
    }

    mutating func settleHole(_ index: Int) {
        let deadline = sessions[index].holeDeadline(resources)
        if deadline < holes.deadline(of: index) { holes.arm(index, at: deadline) }
    }
}
