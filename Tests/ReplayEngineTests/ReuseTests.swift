import Testing

@testable import ReplayEngine

/// The same client address and port again.
@Suite struct ReuseTests {
    private static let closed =
        firstExchange + """
            captured  F.  1101:1101(0)   ack 9301
            injected  F.  1101:1101(0)   ack 7301
            relayed   F.  7301:7301(0)   ack 1102   win 500
            injected  .   1102:1102(0)   ack 7302

            """

    @Test func `a port that is used again after its session ended is used again at once`() {
        PacketScript.run(
            Self.closed + """
                captured  S   500000:500000(0)          win 64240 <mss 1460>
                injected  S   500000:500000(0)
                sessions  1
                ledger    sessions.captured 2 sessions.answered 1 sessions.inFlight 1
                """)
    }

    @Test func `first bytes that overtake the SYN of the next connection are that one's`() {
        PacketScript.run(
            firstExchange + """
                captured  F.  1101:1101(0)   ack 9301
                injected  F.  1101:1101(0)   ack 7301
                captured  P.  1001:1101(100) ack 9001             // sent again
                captured  P.  5000001:5000101(100) ack 20001
                captured  S   5000000:5000000(0)          win 64240 <mss 1460>
                relayed   F.  7301:7301(0)   ack 1102   win 500
                injected  .   1102:1102(0)   ack 7302
                injected  S   5131073:5131073(0)          win 65535 <mss 1460,sackOK,wscale 7>
                relayed   S.  3000:3000(0)   ack 5131074 win 500 <mss 1460>
                injected  P.  5131074:5131174(100) ack 3001 bytes 5000001
                ledger    captured 2 sessions.captured 2 inFlight 1
                """)
    }

    @Test func `bytes sent again after the end begin nothing`() {
        let ended = """
            captured  F.  1101:1101(0)   ack 9301
            injected  F.  1101:1101(0)   ack 7301
            captured  P.  1001:1101(100) ack 9001
            captured  .   1080:1081(1)   ack 9301             // a keep-alive probe's garbage
            sessions  1
            ledger    captured 1 sessions.captured 1
            """
        PacketScript.run(firstExchange + ended)
        // Of a connection that was open before, what came before it was joined too.
        PacketScript.run(
            """
            captured  P.  900001:900101(100) ack 9001
            injected  S   1031073:1031073(0)
            captured  F.  900101:900101(0)   ack 9001
            captured  .   899001:900001(1000) ack 9001
            sessions  1
            ledger    captured 1 sessions.captured 1
            """)
    }

    @Test func `a RST that answers the old connection's last segment does not end the new one`() {
        PacketScript.run(
            Self.closed + """
                captured  S   500000:500000(0)          win 64240 <mss 1460>
                injected  S   500000:500000(0)
                relayed   S.  3000:3000(0)   ack 500001 win 500 <mss 1460>
                injected  .   500001:500001(0) ack 3001
                relayed   R   70000:70000(0)            win 0     // beyond the window of 65,535
                captured  P.  500001:500101(100) ack 20001
                injected  P.  500001:500101(100) ack 3001
                relayed   R   68000:68000(0)            win 0     // what came before it was missed
                ledger    captured 2 answered 1 failed.resetByTarget 1
                """)
    }

    @Test func `an ISN that does not lie beyond the old connection's numbers is replaced`() {
        PacketScript.run(
            Self.closed + """
                captured  S   900:900(0)                win 64240 <mss 1460>
                injected  S   132174:132174(0)          win 65535 <mss 1460>
                relayed   S.  3000:3000(0)   ack 132175 win 500 <mss 1460>
                injected  .   132175:132175(0) ack 3001
                captured  .   901:901(0)     ack 20001
                captured  P.  901:1001(100)  ack 20001
                injected  P.  132175:132275(100) ack 3001 bytes 901
                """)
    }

    @Test func `a session whose end was not seen is ended before the next one of its port`() {
        PacketScript.run(
            firstExchange + """
                captured  S   500000:500000(0)          win 64240 <mss 1460>
                injected  F.  1101:1101(0)   ack 7301
                +100ms
                relayed   F.  7301:7301(0)   ack 1102   win 500
                injected  .   1102:1102(0)   ack 7302
                injected  S   500000:500000(0)
                ledger    sessions.answered 1 sessions.inFlight 1
                """)
    }

    @Test func `a new session waits while the old one of its port has a backlog`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1101:1201(100) ack 9301
                captured  R.  1201:1201(0)   ack 9601
                captured  S   500000:500000(0)          win 64240 <mss 1460>
                captured  .   500001:500001(0) ack 20001
                captured  P.  500001:500101(100) ack 20001
                sessions  1
                +1s
                injected  P.  1001:1101(100) ack 7001
                injected  P.  1001:1101(100) ack 7001
                relayed   P.  7001:7301(300) ack 1101   win 500
                injected  P.  1101:1201(100) ack 7301
                relayed   P.  7301:7601(300) ack 1201   win 500
                injected  R   1201:1201(0)
                injected  S   500000:500000(0)
                relayed   S.  3000:3000(0)   ack 500001 win 500 <mss 1460>
                injected  P.  500001:500101(100) ack 3001
                ledger    captured 3 answered 2 inFlight 1 sessions.captured 2 sessions.answered 1
                """)
    }

    @Test func `an old session that the target does not close is reset for the next one of its port`() {
        PacketScript.run(
            firstExchange + """
                captured  F.  1101:1101(0)   ack 9301
                injected  F.  1101:1101(0)   ack 7301
                relayed   .   7301:7301(0)   ack 1102   win 500
                captured  S   500000:500000(0)          win 64240 <mss 1460>
                +4990ms
                +20ms
                injected  R   1102:1102(0)
                injected  S   500000:500000(0)
                ledger    answered 1 sessions.answered 1
                """)
    }

    @Test func `an old session that gets no answer is given up for the next one of its port`() {
        PacketScript.run(
            firstExchange + """
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                captured  .   1201:1201(0)   ack 9601
                captured  S   500000:500000(0)          win 64240 <mss 1460>
                relayed   .   7301:7301(0)   ack 1201   win 500
                +4990ms
                +20ms
                injected  R   1201:1201(0)
                injected  S   500000:500000(0)
                ledger    answered 1 failed.answerTimeout 1 sessions.failed.answerTimeout 1
                """)
    }

    @Test func `of three sessions of one port each waits for the one before`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  R.  1101:1101(0)   ack 9301
                captured  S   200000:200000(0)          win 64240 <mss 1460>
                captured  .   200001:200001(0) ack 20001
                captured  P.  200001:200101(100) ack 20001
                captured  R.  200101:200101(0) ack 20301
                captured  S   400000:400000(0)          win 64240 <mss 1460>
                relayed   P.  7001:7301(300) ack 1101   win 500
                injected  R   1101:1101(0)
                injected  S   200000:200000(0)
                relayed   S.  3000:3000(0)   ack 200001 win 500 <mss 1460>
                injected  P.  200001:200101(100) ack 3001
                relayed   P.  3001:3301(300) ack 200101 win 500
                injected  R   200101:200101(0)
                injected  S   400000:400000(0)
                ledger    sessions.captured 3 sessions.answered 2 sessions.inFlight 1
                """)
    }

    @Test func `a waiting session that ends before its turn leaves the one behind it in line`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  R.  1101:1101(0)   ack 9301
                relayed   .   7001:7001(0)   ack 1101   win 500
                captured  S   200000:200000(0)          win 64240 <mss 1460>
                +1900ms
                captured  S   400000:400000(0)          win 64240 <mss 1460>
                +200ms                                            // the second has been idle too long
                ledger    sessions.failed 1 sessions.inFlight 2
                +1500ms
                relayed   P.  7001:7301(300) ack 1101   win 500
                injected  R   1101:1101(0)
                injected  S   400000:400000(0)
                """, settings: PacketScript.settings { $0.idleTimeout = .seconds(2) })
    }

    @Test func `a target that holds the pair of addresses from before is reset at its own number`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            relayed   S.  5000:5000(0)   ack 400    win 500 <mss 1460>  // to a SYN of an earlier run
            injected  R   400:400(0)                win 0 <>
            injected  S   1000:1000(0)
            relayed   .   5001:5001(0)   ack 333    win 500
            injected  R   333:333(0)
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            """)
    }

    @Test func `a SYN that was sent again is no measure of the round trip`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            +700ms
            relayed   .   5000:5000(0)   ack 400    win 500
            injected  R   400:400(0)
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:1101(100) ack 9001
            injected  P.  1001:1101(100) ack 7001
            +1010ms
            injected  P.  1001:1101(100) ack 7001
            """)
    }

    @Test func `data of the old connection that is still on its way does not repeat the SYN`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            relayed   P.  5000:5100(100) ack 400    win 500
            injected  R   400:400(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            """)
    }

    @Test func `challenges are answered only so often for each SYN that the timer sends`() {
        var script = """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)

            """
        for index in 0..<8 {
            script += """
                relayed   .   5000:5000(0)   ack \(300 + index) win 500
                injected  R   \(300 + index):\(300 + index)(0)
                injected  S   1000:1000(0)

                """
        }
        PacketScript.run(
            script + """
                relayed   .   5000:5000(0)   ack 333    win 500
                +1010ms
                injected  S   1000:1000(0)
                relayed   .   5000:5000(0)   ack 333    win 500
                injected  R   333:333(0)
                injected  S   1000:1000(0)
                """)
    }

    @Test func `two clients whose replays would be one take two ports`() {
        PacketScript.run(
            """
            captured@40000  S 1000:1000(0)           win 64240 <mss 1460>
            injected@40000  S 1000:1000(0)
            captured@40001  S 5000:5000(0)           win 64240 <mss 1460>
            injected@40001  S 5000:5000(0)
            sessions 2
            """, settings: PacketScript.settings { $0.startsSafely = false })
    }
}
