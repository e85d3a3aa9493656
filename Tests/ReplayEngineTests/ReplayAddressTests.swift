import Testing
import Wire

@testable import ReplayEngine

/// Which pair of addresses a session replays from when it may not be its client's own.
@Suite struct ReplayAddressTests {
    /// A pool with one pair: the client's address in the scripts, and the port 40000.
    private static let onePair = PacketScript.settings {
        $0.clientPool = AddressPrefix(PacketScript.clientAddress, length: 32).map { AddressPool([$0]) }
        $0.slice = Slice(index: Slice.index(ofPort: 40000, count: .max), count: .max)
        $0.startsSafely = false
    }

    @Test func `a session that got no pair stays shed, and never uses its client's own`() {
        PacketScript.run(
            handshake + """
                captured@40001  S   1000:1000(0)              win 64240 <mss 1460>
                captured@40001  .   1001:1001(0)   ack 9001
                captured@40001  P.  1001:1101(100) ack 9001
                captured@40001  P.  1101:1201(100) ack 9301
                +100ms
                ledger    captured 2 shed.noReplayAddress 2 inFlight 0
                ledger    sessions.captured 2 sessions.shed.noReplayAddress 1 sessions.inFlight 1
                """, settings: Self.onePair)
    }

    @Test func `a pair that a session never got is not given back to the pool`() {
        var replayer = Replayer(settings: Self.onePair, now: .zero)
        #expect(replayer.pairs.take(isIPv4: true) == Endpoint(PacketScript.clientAddress, 40000))
        let syn = SegmentHeader(
            flow: Flow(from: Endpoint(PacketScript.clientAddress, 40001), to: PacketScript.online),
            sequence: SequenceNumber(1000), acknowledgement: SequenceNumber(0), flags: .syn, window: 64240)
        let reset = SegmentHeader(
            flow: syn.flow, sequence: SequenceNumber(1001), acknowledgement: SequenceNumber(0), flags: .rst, window: 0)
        var now = Instant.zero
        for header in [syn, reset] {
            let bytes = PacketScript.packet(header)
            do throws(WireError) {
                let segment = try TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: bytes.count)
                replayer.handleCaptured(segment, capturedAt: now, now: now)
            } catch { Issue.record("the segment can't be read: \(error)") }
        }
        var batch = PacketBatch()
        while now < .zero + .seconds(1000) {
            now = now + .seconds(1)
            replayer.handleTimeout(now: now)
            _ = replayer.pollPackets(into: &batch, now: now)
        }
        #expect(batch.isEmpty && replayer.liveSessions == 0)
        #expect(replayer.pairs.take(isIPv4: true) == nil)
    }
}
