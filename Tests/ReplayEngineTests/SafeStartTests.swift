import Testing

@testable import ReplayEngine

/// One session is let out until a target has been heard.
@Suite struct SafeStartTests {
    private static let threeClients = """
        captured@40001  S 1000:1000(0)           win 64240 <mss 1460>
        injected@40001  S 1000:1000(0)
        captured@40002  S 2000:2000(0)           win 64240 <mss 1460>
        captured@40003  S 3000:3000(0)           win 64240 <mss 1460>
        captured@40003  P. 3001:3101(100) ack 9001

        """

    @Test func `the others go once the first header of the target is relayed`() {
        PacketScript.run(
            Self.threeClients + """
                relayed@40001   S. 7000:7000(0) ack 1001 win 65160 <mss 1460>
                injected@40002  S  2000:2000(0)
                injected@40003  S  3000:3000(0)
                injected@40001  .  1001:1001(0) ack 7001
                event targetProven
                event none
                captured@40004  S 4000:4000(0)           win 64240 <mss 1460>
                injected@40004  S 4000:4000(0)
                """)
    }

    @Test func `a silent target is reported, and costs clients nothing but the probe's SYNs`() {
        PacketScript.run(
            Self.threeClients + """
                +1010ms
                injected@40001  S 1000:1000(0)
                +1980ms
                +20ms
                injected@40001  S 1000:1000(0)
                event targetSilent held 2
                event none
                end
                injected@40001  R 1001:1001(0)
                ledger sessions.failed 3 failed.targetSilent 1 sessions.failed.targetSilent 3
                """)
    }

    @Test func `when the probe's handshake is given up another session is the probe`() {
        PacketScript.run(
            Self.threeClients + """
                +1010ms
                injected@40001  S 1000:1000(0)
                +2s
                injected@40001  S 1000:1000(0)
                +4s
                injected@40001  S 1000:1000(0)
                +8s
                injected@40001  S 1000:1000(0)
                +16s
                injected@40001  S 1000:1000(0)
                +32s
                injected@40001  S 1000:1000(0)
                +60s
                injected@40003  S 3000:3000(0)
                injected@40001  R 1001:1001(0)
                """)
    }

    @Test func `when the probe's client resets another session is the probe`() {
        PacketScript.run(
            Self.threeClients + """
                captured@40001  R 1001:1001(0)
                +1010ms
                injected@40001  S 1000:1000(0)
                """)
    }

    @Test func `a header of an unknown connection proves nothing`() {
        PacketScript.run(
            Self.threeClients + """
                relayed@50000   S. 7000:7000(0) ack 1001 win 65160 <mss 1460>
                event none
                ledger unknownResponses 1
                """)
    }

    @Test func `a session that was held for long has all its time once it goes`() {
        PacketScript.run(
            Self.threeClients + """
                +1010ms
                injected@40001  S 1000:1000(0)
                +2s
                injected@40001  S 1000:1000(0)
                +4s
                injected@40001  S 1000:1000(0)
                +5s
                relayed@40001   S. 7000:7000(0) ack 1001 win 65160 <mss 1460>
                injected@40002  S  2000:2000(0)
                injected@40003  S  3000:3000(0)
                injected@40001  .  1001:1001(0) ack 7001
                +990ms
                """, settings: PacketScript.settings { $0.sessionTimeout = .seconds(10) })
    }

    @Test func `held sessions whose clients have gone are replayed all the same`() {
        PacketScript.run(
            Self.threeClients + """
                captured@40003  F. 3101:3101(0) ack 9301
                +500ms
                relayed@40001   S. 7000:7000(0) ack 1001 win 65160 <mss 1460>
                injected@40002  S  2000:2000(0)
                injected@40003  S  3000:3000(0)
                injected@40001  .  1001:1001(0) ack 7001
                relayed@40003   S. 7000:7000(0) ack 3001 win 65160 <mss 1460>
                injected@40003  P. 3001:3101(100) ack 7001
                relayed@40003   P. 7001:7301(300) ack 3101 win 500
                injected@40003  F. 3101:3101(0) ack 7301
                ledger answered 1
                """)
    }
}
