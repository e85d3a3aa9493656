import Wire

// With a hundred thousand sessions and more nearly every one that something happens to lies in memory and not in a cache. A
// processor waits for many places at once no longer than for one, but only if it is asked for them together. So what
// will be needed for a batch of sessions is read first, for all of them, before the first is worked on.
extension Replayer {
    /// So many sessions don't fit into a processor's own cache. With fewer a segment is taken at once, which saves a copy.
    static let foresightThreshold = 16_384
    /// Sessions whose memory is asked for together.
    private static let timeoutBatch = 16

    /// Takes a segment now, or with others that follow: at the latest with the next `poll…` or any other event. A recording's
    /// clock goes on with each segment and judges what was captured, so of a recording none waits.
    @inline(__always)
    mutating func takeSoon(
        _ header: SegmentHeader, payload: RawSpan, transfer: Int, capturedAt: Instant, now: Instant
    ) {
        guard sessions.count >= foresightFrom, resources.captureTime == nil,
            payload.byteCount <= WaitingSegments.longestPayload
        else {
            takeWaiting()
            return take(header, payload: payload, transfer: transfer, capturedAt: capturedAt, now: now)
        }
        waiting.append(header, payload: payload, transfer: transfer, capturedAt: capturedAt, now: now)
        if waiting.isFull { takeWaiting() }
    }

    /// Takes the segments that wait.
    @inline(__always)
    mutating func takeWaiting() {
        if !waiting.isEmpty { takeBatch() }
    }

    @inline(never)
    private mutating func takeBatch() {
        var batch = WaitingSegments()
        swap(&batch, &waiting)
        for index in batch.entries.indices { foreseen &+= table.home(of: batch.entries[index].header.flow) }
        for index in batch.entries.indices {
            if let session = table.guess(batch.entries[index].header.flow) { foresee(session) }
        }
        for index in batch.entries.indices {
            take(
                batch.entries[index].header, payload: batch.payload(index), transfer: batch.entries[index].transfer,
                capturedAt: batch.entries[index].capturedAt, now: batch.entries[index].now)
        }
        batch.removeAll()
        swap(&batch, &waiting)
    }

    /// Does what is due in the sessions, batch by batch.
    mutating func takeTimeouts(now: Instant) {
        repeat {
            expired.removeAll(keepingCapacity: true)
            while expired.count < Self.timeoutBatch, let index = wheel.popExpired(now: now) {
                expired.append(Int32(index))
            }
            for position in expired.indices { foresee(Int(expired[position])) }
            for position in expired.indices { takeTimeout(of: Int(expired[position]), now: now) }
        } while !expired.isEmpty
    }

    /// Reads what working on a session will need.
    private mutating func foresee(_ index: Int) {
        foreseen &+= Self.lines(of: &sessions[index]) &+ wheel.link(of: index)
    }

    /// In place: see `deadline(of:)`.
    private static func lines(of session: inout Session) -> UInt64 { session.lines }
}

extension Session {
    /// The sum of fields of which at least one lies in each cache line of 64 bytes. It means nothing, but what is read for
    /// nothing the compiler leaves out.
    var lines: UInt64 {
        UInt64(capturedSequence.rawValue) &+ UInt64(bitPattern: gateAt.nanoseconds)
            &+ UInt64(bitPattern: connection.acknowledgeAt.nanoseconds) &+ UInt64(connection.receiveStart.rawValue)
            &+ UInt64(truncatingIfNeeded: connection.roundTrip.smoothed)
            &+ UInt64(bitPattern: gate.quietSince.nanoseconds) &+ UInt64(payloadEnd.rawValue) &+ (isReady ? 1 : 0)
    }
}
