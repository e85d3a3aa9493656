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

    @Test func `a client at a loopback address is replayed from the one that stands for it, port kept`() throws {
        let stand = try #require(IPAddress("10.0.0.77"))
        var settings = PacketScript.settings { $0.startsSafely = false }
        settings.localhostAddress = stand
        settings.transfers[0].onlineAddresses = []
        var replayer = Replayer(settings: settings, now: .zero)
        let syn = SegmentHeader(
            flow: Flow(from: Endpoint(try #require(IPAddress("127.0.0.1")), 40_001), to: PacketScript.online),
            sequence: SequenceNumber(1000), acknowledgement: SequenceNumber(0), flags: .syn, window: 64240)
        let bytes = PacketScript.packet(syn)
        let segment = try TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: bytes.count)
        replayer.handleCaptured(segment, capturedAt: .zero, now: .zero)
        var batch = PacketBatch()
        _ = replayer.pollPackets(into: &batch, now: .zero)
        let count = batch.count
        try #require(count == 1)
        let packet = batch.packet(0)
        let injected = try TCPSegment(frame: packet, linkType: .raw, wireLength: packet.byteCount).header
        #expect(injected.flow.source == Endpoint(stand, 40_001))
    }

    @Test func `a copy never takes its client's own port, which the first copy keeps`() {
        var settings = Self.onePair
        settings.clientPool = nil
        settings.copies = 2
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            ledger    sessions.captured 1 sessions.inFlight 1 sessions.shed.noReplayAddress 1
            """, settings: settings)
    }

    @Test(arguments: [nil, AddressPrefix("10.9.0.1")])
    func `copies fill the ports of one address, no two of them alike, and the rest is shed`(
        pool: AddressPrefix?
    ) throws {
        let settings = PacketScript.settings {
            $0.clientPool = pool.map { AddressPool([$0]) }
            $0.copies = 1023
            $0.portPart = 3
            $0.startsSafely = false
        }
        var replayer = Replayer(settings: settings, now: .zero)
        for port in 40000..<UInt16(40008) {
            let syn = SegmentHeader(
                flow: Flow(from: Endpoint(PacketScript.clientAddress, port), to: PacketScript.online),
                sequence: SequenceNumber(1000), flags: .syn, window: 64240)
            let bytes = PacketScript.packet(syn)
            replayer.handleCaptured(
                try TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: bytes.count), capturedAt: .zero,
                now: .zero)
        }
        let sessions = replayer.ledgers[0].sessions
        let flows = Set(replayer.sessions.filter { $0.shedReason == nil }.map(\.replayFlow))
        #expect(flows.count == sessions.inFlight && sessions.inFlight + sessions.shed == 8 * 1023)
        // Of a sixteenth of 64,512 ports; without a pool eight clients keep their own, and the last few may not be found.
        if pool == nil {
            #expect((4000...4040).contains(flows.count))
        } else {
            #expect(flows.count == 4032)
            #expect(flows.allSatisfy { (13_120..<17_152).contains($0.sourcePort) })
        }
        #expect(replayer.ledgers[0].balances)
    }

    @Test(arguments: [1, 20, 50, 99])
    func `a share of the clients is that share of their addresses, in one network too`(percent: Int) {
        let selection = Selection(percent: percent, ramps: false, startedAt: .zero)
        for first in [UInt32(0x0a01_0000), 0xc0a8_0000] {
            let chosen = (0..<UInt32(10_000)).count { selection.includes(IPAddress(v4: first + $0), now: .zero) }
            #expect(abs(chosen - percent * 100) < 200, "\(chosen) of 10000")
        }
    }

    @Test func `a growing share loses none of the clients that it had`() {
        let selection = Selection(percent: 60, ramps: true, startedAt: .zero)
        let clients = (0..<UInt32(1000)).map { IPAddress(v4: 0x0a01_0000 + $0) }
        var before: [IPAddress] = []
        for second in 0..<Int64(70) {
            let now = clients.filter { selection.includes($0, now: .zero + .seconds(second)) }
            #expect(Set(before).isSubset(of: now))
            before = now
        }
        #expect(
            before == clients.filter { Selection(percent: 60, ramps: false, startedAt: .zero).includes($0, now: .zero) }
        )
    }
}
