import LinkLayer
import ReplayEngine
import Wire

/// Clients by the thousand, talking through the real engine to a target that answers everything at once.
///
/// Each exchange is one captured frame with 200 bytes of payload, parsed, put into its session, written as an Ethernet
/// frame, answered, and the answer acknowledged. Time is virtual; nothing is sent.
public struct EngineLoad: ~Copyable {
    /// Frames captured so far, headers relayed, and frames that would have been injected.
    public private(set) var packets = 0

    private var replayer: Replayer
    private var batch = PacketBatch()
    private var frame = ClientFrame()
    private let sessions: Int
    private var next = 0
    /// How often every session has had its turn.
    private var cycle = 0
    private var turnsOfCycle = 0
    private let stride: Int
    private var now = Instant(nanoseconds: 1_000_000_000_000)

    /// Frames taken before the engine is polled, as from one block of the kernel's ring.
    private static let batchSize = 64
    /// Between two exchanges of a session, so that at any number of sessions each answer gets an acknowledgement of its own.
    private static let thinkTime = Interval.milliseconds(100)

    /// Opens so many connections.
    public init(sessions: Int) {
        let transfer = Transfer(
            onlineAddresses: [ClientFrame.online], onlinePort: ClientFrame.onlinePort,
            target: Endpoint(IPAddress(v4: 0x0aff_0003), 8080))
        var settings = ReplaySettings(transfers: [transfer])
        settings.startsSafely = false
        settings.memoryLimit = 8 << 30
        settings.acknowledgementDelay = .milliseconds(1)
        replayer = Replayer(settings: settings, now: now)
        stride = Self.stride(over: sessions)
        self.sessions = sessions
        for start in Swift.stride(from: 0, to: sessions, by: Self.batchSize) {
            let range = start..<min(start + Self.batchSize, sessions)
            for index in range { capture(index, position: 0, flags: .syn, payload: 0) }
            exchangePackets()
            for index in range { capture(index, position: 1, flags: .ack, payload: 0) }
            exchangePackets()
        }
        packets = 0
    }

    /// Exchanges after which caches, memory and timers are as they stay.
    public mutating func warmUp() { run(exchanges: min(sessions * 2, 1_000_000)) }

    /// One exchange in each of so many sessions, in an order that no cache foresees.
    public mutating func run(exchanges: Int) {
        var left = exchanges
        while left > 0 {
            let count = min(left, Self.batchSize, sessions)
            for _ in 0..<count { sendRequest() }
            exchangePackets()
            now = now + Interval(nanoseconds: Self.thinkTime.nanoseconds * Int64(count) / Int64(sessions))
            if replayer.nextDeadline <= now { replayer.handleTimeout(now: now) }
            exchangePackets()
            left -= count
        }
    }

    /// Exchanges that the ledger enters as answered, of all.
    public var answered: Int { replayer.ledgers[0].exchanges.answered }
    public var selected: Int { replayer.ledgers[0].exchanges.selected }

    /// The next session's client sends a request.
    private mutating func sendRequest() {
        capture(
            next, position: 1 + cycle * ClientFrame.payloadLength, flags: [.psh, .ack],
            payload: ClientFrame.payloadLength)
        next += stride
        if next >= sessions { next -= sessions }
        turnsOfCycle += 1
        if turnsOfCycle == sessions {
            turnsOfCycle = 0
            cycle += 1
        }
    }

    /// A client's frame. What it says follows from the session's number and the cycle, so that the load keeps nothing of
    /// its own for each session, which would wait for memory as the engine does.
    private mutating func capture(_ index: Int, position: Int, flags: TCPFlags, payload: Int) {
        frame.set(
            client: index, sequence: UInt32(truncatingIfNeeded: index &* 7919 &+ position),
            acknowledgement: UInt32(truncatingIfNeeded: 5001 + cycle * AnsweringTarget.answerLength),
            flags: flags, payloadLength: payload, clock: UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000))
        packets += 1
        Self.take(frame, payloadLength: payload, into: &replayer, now: now)
    }

    private static func take(
        _ frame: borrowing ClientFrame, payloadLength: Int, into replayer: inout Replayer, now: Instant
    ) {
        let bytes = frame.bytes(payloadLength: payloadLength)
        guard let segment = try? TCPSegment(frame: bytes, linkType: .ethernet, wireLength: bytes.byteCount) else {
            preconditionFailure("the frame is whole")
        }
        replayer.handleCaptured(segment, capturedAt: now, now: now)
    }

    /// Polls the engine and answers, until it has nothing left to do.
    private mutating func exchangePackets() {
        let target = AnsweringTarget()
        // An answer takes a moment, or round-trip times would be none.
        now = now + .microseconds(1)
        while replayer.hasWork {
            _ = replayer.pollPackets(into: &batch, now: now)
            now = now + .microseconds(1)
            for index in 0..<batch.count {
                packets += 1
                guard let header = frameHeader(index), let answer = target.answer(to: header) else { continue }
                packets += 1
                replayer.handleRelayed(answer, now: now)
            }
            batch.removeAll()
        }
    }

    /// Completes a packet to a frame, and reads that as the target would.
    private mutating func frameHeader(_ index: Int) -> SegmentHeader? {
        let frame = batch.ethernetFrame(
            index, from: MACAddress(bits: 0x02_0000_0000_01), to: MACAddress(bits: 0x02_0000_0000_02))
        return try? TCPSegment(frame: frame, linkType: .ethernet, wireLength: frame.byteCount).header
    }

    /// Visits all of `count` sessions, each far from the one before: prime to `count`, near the golden section.
    private static func stride(over count: Int) -> Int {
        var stride = max(1, Int(Double(count) * 0.618))
        while greatestCommonDivisor(stride, count) != 1 { stride += 1 }
        return stride % count
    }

    private static func greatestCommonDivisor(_ one: Int, _ other: Int) -> Int {
        other == 0 ? one : greatestCommonDivisor(other, one % other)
    }
}
