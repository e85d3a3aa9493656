import Testing

@testable import ReplayEngine

/// When what the targets say hurries.
@Suite struct ListeningTests {
    /// Fifty bytes of a request wait for room in the target's window.
    private static let fullWindow = """
        captured  S   1000:1000(0)              win 64240 <mss 1460,sackOK>
        injected  S   1000:1000(0)              win 65535
        relayed   S.  7000:7000(0)   ack 1001   win 150 <mss 1460,sackOK>
        injected  .   1001:1001(0)   ack 7001
        captured  P.  1001:1201(200) ack 9001
        injected  .   1001:1151(150) ack 7001
        listening yes

        """

    @Test func `a turn that waits for an answer listens, one whose answer nobody waits for does not`() {
        PacketScript.run(
            handshake + """
                listening no
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                listening no
                captured  P.  1101:1201(100) ack 9301
                listening yes
                relayed   P.  7001:7301(300) ack 1101   win 500
                injected  P.  1101:1201(100) ack 7301
                listening no
                captured  F.  1201:1201(0)   ack 9601
                listening yes
                relayed   P.  7301:7601(300) ack 1201   win 500
                injected  F.  1201:1201(0)   ack 7601
                listening no
                """)
    }

    @Test func `a request that waits for the handshake listens`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460,sackOK,wscale 7>
            injected  S   1000:1000(0)              win 65535
            listening no
            captured  P.  1001:1101(100) ack 9001
            listening yes
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460,sackOK,wscale 7>
            injected  P.  1001:1101(100) ack 7001
            listening no
            """)
    }

    @Test func `bytes that the window has no room for listen`() {
        PacketScript.run(
            Self.fullWindow + """
                relayed   .   7001:7001(0)   ack 1151   win 500
                injected  P.  1151:1201(50)  ack 7001
                listening no
                """)
    }

    @Test func `a target in the midst of a long answer is listened to`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   .   7001:9921(2920) ack 1101  win 500
                injected  .   1101:1101(0)   ack 9921
                listening no
                relayed   .   9921:14301(4380) ack 1101 win 500
                injected  .   1101:1101(0)   ack 14301
                listening yes
                +30ms
                listening no
                """)
    }

    @Test func `a session that has ended listens no more`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1101:1201(100) ack 9301
                listening yes
                end
                injected  R   1101:1101(0)
                +2s
                sessions  0
                listening no
                """)
    }

    @Test func `a session that is left out listens to nobody`() {
        PacketScript.run(
            """
            captured  P.  1001:1101(100) ack 9001
            sessions  1
            listening no
            """, settings: PacketScript.settings { $0.onlyFullSessions = true })
    }

    @Test func `a connection that was reset while its window was full listens no more`() {
        PacketScript.run(
            Self.fullWindow + """
                relayed   R   7001:7001(0)
                listening no
                """)
    }
}
