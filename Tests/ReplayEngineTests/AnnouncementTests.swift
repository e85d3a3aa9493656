import Testing
import Wire

@testable import ReplayEngine

/// Where another tcpcopy host replays to the same addresses, each pair is asked for before it is used.
@Suite struct AnnouncementTests {
    @Test func `a pair of addresses is announced, and used once it is granted`() {
        PacketScript.run(
            """
            announcing on
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            announced
            +1s
            granted
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            captured  R   1001:1001(0)
            injected  R   1001:1001(0)
            +1100ms
            released
            sessions  0
            """)
    }

    @Test func `without another host nothing is announced or released`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            granted@50000
            refused@50000
            refused                                   // too late: it is in use
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            """)
    }

    @Test func `a session that waits for its grant goes when the other host has gone`() {
        PacketScript.run(
            """
            announcing on
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            announcing off
            injected  S   1000:1000(0)
            """)
    }

    @Test func `a session that is granted needs no other grant when it opens again`() {
        PacketScript.run(
            """
            announcing on
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            granted
            injected  S   1000:1000(0)
            announced
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            captured  .   1001:1001(0)   ack 9001
            relayed   R.  7001:7001(0)   ack 1001   win 0
            captured  P.  1001:1101(100) ack 9001
            injected  S   132073:132073(0)
            """)
    }

    @Test func `a session that was open before the other host came is granted where it stands`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            announcing on
            granted
            captured  R   1001:1001(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  R   1001:1001(0)
            +1100ms
            released
            """)
    }

    @Test func `a pair that another host holds is changed for another port, which is announced`() throws {
        var settings = PacketScript.settings()
        settings.seed = 7
        let now = Instant.zero + .seconds(1)
        var replayer = Replayer(settings: settings, now: .zero)
        replayer.setAnnouncing(true)
        let line = try #require(ScriptLine("captured S 1000:1000(0) win 64240 <mss 1460>"))
        let bytes = PacketScript.packet(try #require(line.segment(from: line.client, to: PacketScript.online)))
        replayer.handleCaptured(
            try TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: bytes.count), capturedAt: now, now: now)
        var batch = PacketBatch()
        _ = replayer.pollPackets(into: &batch, now: now)
        let first = replayer.pollAnnouncements()
        #expect(first.count == 1)
        replayer.handleRefused(first[0], now: now)
        _ = replayer.pollPackets(into: &batch, now: now)
        let second = replayer.pollAnnouncements()
        #expect(second.count == 1)
        #expect(second[0].sourceAddress == first[0].sourceAddress)
        #expect(second[0].sourcePort != first[0].sourcePort)
        #expect(replayer.heldFlows() == second)
        replayer.handleGranted(second[0], now: now)
        _ = replayer.pollPackets(into: &batch, now: now)
        #expect(batch.count == 1)
    }
}
