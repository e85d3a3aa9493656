import Testing
import Wire

@testable import ReplayEngine

@Suite struct ForesightTests {
    /// The fields that `Session.lines` reads.
    private static var read: [PartialKeyPath<Session>] {
        [
            \.capturedSequence, \.gateAt, \.connection.acknowledgeAt, \.connection.receiveStart,
            \.connection.roundTrip.smoothed, \.gate.quietSince, \.payloadEnd, \.isReady,
        ]
    }

    @Test func `reading a session ahead leaves out no cache line`() {
        let offsets = Self.read.compactMap { MemoryLayout<Session>.offset(of: $0) }.sorted()
        #expect(offsets.count == Self.read.count)
        #expect(offsets[0] < 64)
        #expect(zip(offsets, offsets.dropFirst()).allSatisfy { $1 - $0 <= 64 })
        #expect(MemoryLayout<Session>.size - offsets[offsets.count - 1] <= 64)
    }

    private static let client = Endpoint(IPAddress(v4: 0x0a00_0001), 40_000)
    private static let online = Endpoint(IPAddress(v4: 0x0a00_0002), 80)
    private static let target = Endpoint(IPAddress(v4: 0x0a00_0003), 8080)

    private static func replayer() -> Replayer {
        var settings = ReplaySettings(transfers: [
            Transfer(onlineAddresses: [online.address], onlinePort: online.port, target: target)
        ])
        settings.startsSafely = false
        var replayer = Replayer(settings: settings, now: .zero)
        replayer.foresightFrom = 0
        return replayer
    }

    private static func capture(
        _ replayer: inout Replayer, _ flags: TCPFlags, sequence: UInt32, payload: Int = 0,
        from client: Endpoint = client
    ) {
        var batch = PacketBatch()
        batch.begin(
            SegmentHeader(
                flow: Flow(from: client, to: online), sequence: SequenceNumber(sequence),
                acknowledgement: SequenceNumber(1), flags: flags, window: 1000),
            target: 0)
        batch.append([UInt8](repeating: UInt8(truncatingIfNeeded: sequence), count: payload).rawSpan)
        batch.end()
        let bytes = batch.packet(0)
        guard let segment = try? TCPSegment(frame: bytes, linkType: .raw, wireLength: bytes.byteCount) else {
            Issue.record("the segment is whole")
            return
        }
        replayer.handleCaptured(segment, capturedAt: .zero, now: .zero)
    }

    @Test func `a segment that waits is work, and is taken with the next poll`() {
        var replayer = Self.replayer()
        Self.capture(&replayer, .syn, sequence: 1000)
        #expect(replayer.liveSessions == 0)
        #expect(replayer.hasWork && !replayer.isQuiet)
        var batch = PacketBatch()
        _ = replayer.pollPackets(into: &batch, now: .zero)
        #expect(replayer.liveSessions == 1)
        #expect(batch.count == 1)
    }

    @Test func `what is too long to wait is taken behind what waits before it`() {
        var replayer = Self.replayer()
        Self.capture(&replayer, .syn, sequence: 1000)
        Self.capture(&replayer, [.psh, .ack], sequence: 1001, payload: WaitingSegments.longestPayload)
        Self.capture(
            &replayer, [.psh, .ack], sequence: 1001 + UInt32(WaitingSegments.longestPayload),
            payload: WaitingSegments.longestPayload + 1)
        #expect(replayer.ledgers[0].exchanges.captured == 1)
        #expect(replayer.sessions[0].payload.count == 2 * WaitingSegments.longestPayload + 1)
    }

    @Test func `what fills a hole is taken before the recording's clock judges it`() {
        var replayer = Self.replayer()
        replayer.followCapture(to: .zero, now: .zero)
        Self.capture(&replayer, .syn, sequence: 1000)
        Self.capture(&replayer, [.psh, .ack], sequence: 1101, payload: 100)
        replayer.followCapture(to: .zero + .milliseconds(900), now: .zero)
        Self.capture(&replayer, [.psh, .ack], sequence: 1001, payload: 100)
        replayer.followCapture(to: .zero + .milliseconds(1100), now: .zero)
        #expect(replayer.sessions[0].payload.count == 200)
        #expect(replayer.ledgers[0].exchanges.captured == 1)
    }

    @Test func `no more segments wait than fit`() {
        var replayer = Self.replayer()
        for number in 0..<UInt16(3 * WaitingSegments.limit + 5) {
            Self.capture(&replayer, .syn, sequence: 1000, from: Endpoint(Self.client.address, 1000 + number))
        }
        #expect(replayer.liveSessions == 3 * WaitingSegments.limit)
        replayer.endAll(now: .zero)
        #expect(replayer.liveSessions == 3 * WaitingSegments.limit + 5)
        #expect(replayer.ledgers.allSatisfy { $0.balances })
    }
}
