import ReplayEngine
import Wire

/// The target host: accepts, refuses, and keeps what every connection has received.
struct SimulatedTarget {
    let endpoint: Endpoint
    var habits = SimulatedConnection.Habits()
    /// SYNs are refused from the first instant to the second.
    var refuses: Range<Instant>?

    private(set) var open: [Flow: SimulatedConnection] = [:]
    /// Every connection there ever was, in order.
    private(set) var all: [SimulatedConnection] = []

    init(endpoint: Endpoint) { self.endpoint = endpoint }

    /// Takes a segment; returns the segments that the host sends, and when the connection wants to be woken.
    mutating func handle(
        _ header: SegmentHeader, _ payload: [UInt8], now: Instant, _ generator: inout some RandomNumberGenerator
    ) -> (sent: [SegmentHeader], wake: Instant) {
        if header.flags.contains(.syn), mayOpen(header) { return accept(header, now: now, &generator) }
        guard let connection = open[header.flow] else {
            guard !header.flags.contains(.rst) else { return ([], .never) }
            var reset = SegmentHeader(
                flow: header.flow.reversed, sequence: header.acknowledgement, flags: .rst, window: 0)
            if header.flags.contains(.syn) {
                reset.sequence = SequenceNumber(0)
                reset.flags = [.rst, .ack]
                reset.acknowledgement = header.sequenceEnd
            }
            return ([reset], .never)
        }
        connection.handle(header, payload, now: now, &generator)
        return take(from: connection)
    }

    mutating func wake(_ flow: Flow, now: Instant) -> (sent: [SegmentHeader], wake: Instant) {
        guard let connection = open[flow], connection.nextTimer <= now else { return ([], .never) }
        connection.handleTimer(now: now)
        return take(from: connection)
    }

    /// A SYN opens a connection where there is none, or a TIME-WAIT whose numbers and timestamps lie behind it.
    private func mayOpen(_ header: SegmentHeader) -> Bool {
        guard let old = open[header.flow] else { return true }
        guard old.state == .timeWait else { return false }
        let isNewer = header.options.timestamps.map { Int32(bitPattern: $0.value &- old.clientTimestamp) > 0 } ?? false
        return isNewer || old.receiveNext.precedes(header.sequence)
    }

    private mutating func accept(
        _ header: SegmentHeader, now: Instant, _ generator: inout some RandomNumberGenerator
    ) -> (sent: [SegmentHeader], wake: Instant) {
        if let refuses, refuses.contains(now) {
            return (
                [
                    SegmentHeader(
                        flow: header.flow.reversed, sequence: SequenceNumber(0), acknowledgement: header.sequenceEnd,
                        flags: [.rst, .ack], window: 0)
                ], .never
            )
        }
        let connection = SimulatedConnection(
            header, initialSend: SequenceNumber(UInt32.random(in: .min ... .max, using: &generator)), habits: habits,
            now: now)
        open[header.flow] = connection
        all.append(connection)
        return take(from: connection)
    }

    private mutating func take(from connection: SimulatedConnection) -> (sent: [SegmentHeader], wake: Instant) {
        defer { connection.output = [] }
        if connection.state == .closed { open[connection.flow] = nil }
        return (connection.output, connection.state == .closed ? .never : connection.nextTimer)
    }
}
