import Testing

@testable import ReplayEngine

/// Clients who only tell, as shippers of logs do, and never hear anything.
@Suite struct TellingTests {
    /// Two writes, and nothing is heard for longer than an answer would be waited for.
    private static let telling =
        handshake + """
            captured  P.  1001:1101(100) ack 9001
            injected  P.  1001:1101(100) ack 7001
            relayed   .   7001:7001(0)   ack 1101   win 500
            +6s
            captured  P.  1101:1201(100) ack 9001
            injected  P.  1101:1201(100) ack 7001
            relayed   .   7001:7001(0)   ack 1201   win 500

            """

    @Test func `a write that is lost fails alone, and the next goes on over a fresh connection`() {
        PacketScript.run(
            Self.telling + """
                captured  P.  1301:1401(100) ack 9001             // 1201:1301 is lost
                +1001ms
                injected  F.  1201:1201(0)   ack 7001
                captured  P.  1401:1501(100) ack 9001
                relayed   F.  7001:7001(0)   ack 1202   win 500
                injected  R   1202:1202(0)
                injected  S   132274:132274(0)
                relayed   S.  3000:3000(0)   ack 132275 win 500 <mss 1460>
                injected  P.  132275:132475(200) ack 3001 bytes 1301
                ledger    captured 3 answered 1 failed.captureHole 1 inFlight 1 reopenings 1
                relayed   .   3001:3001(0)   ack 132475 win 500
                captured  F.  1501:1501(0)   ack 9001
                injected  F.  132475:132475(0) ack 3001
                relayed   F.  3001:3001(0)   ack 132476 win 500
                injected  .   132476:132476(0) ack 3002
                ledger    captured 3 answered 2 failed.captureHole 1 inFlight 0 sessions.answered 1
                """)
    }

    @Test func `a write that is cut fails, and what may be its rest is left out`() {
        PacketScript.run(
            Self.telling + """
                captured  .   1201:2661(1460) ack 9001
                injected  P.  1201:2661(1460) ack 7001
                relayed   .   7001:7001(0)   ack 2661   win 500
                captured  P.  4121:4221(100) ack 9001             // a full segment is lost, so this is the rest
                +1001ms
                injected  F.  2661:2661(0)   ack 7001
                relayed   F.  7001:7001(0)   ack 2662   win 500
                injected  R   2662:2662(0)
                captured  P.  4221:4321(100) ack 9001
                injected  S   133734:133734(0)
                relayed   S.  3000:3000(0)   ack 133735 win 500 <mss 1460>
                injected  P.  133735:133835(100) ack 3001 bytes 4221
                ledger    captured 3 answered 1 failed.captureHole 1 inFlight 1
                """)
    }

    @Test func `a target that does not close its side is left after a while, and has what it took`() {
        PacketScript.run(
            Self.telling + """
                captured  P.  1301:1401(100) ack 9001
                +1001ms
                injected  F.  1201:1201(0)   ack 7001
                relayed   .   7001:7001(0)   ack 1202   win 500
                +4900ms
                +200ms
                injected  R   1202:1202(0)
                injected  S   132274:132274(0)
                ledger    captured 3 answered 1 failed.captureHole 1 inFlight 1
                """)
    }

    @Test func `a target that resets has failed what it was told, and is told the next write`() {
        PacketScript.run(
            Self.telling + """
                relayed   R   7001:7001(0)
                captured  P.  1201:1301(100) ack 9001
                injected  S   132273:132273(0)
                relayed   S.  3000:3000(0)   ack 132274 win 500 <mss 1460>
                injected  P.  132274:132374(100) ack 3001 bytes 1201
                ledger    captured 2 answered 0 failed.resetByTarget 1 inFlight 1
                """)
    }

    @Test func `one that was open before is joined at the end of a write, once nothing was heard for long enough`() {
        PacketScript.run(
            """
            captured  .   1001:2461(1460) ack 9001
            captured  P.  2461:2561(100) ack 9001
            +4900ms
            captured  P.  2561:2661(100) ack 9001
            +200ms
            captured  .   2661:4121(1460) ack 9001
            injected  S   132073:132073(0)
            relayed   S.  3000:3000(0)   ack 132074 win 65000 <mss 1460>
            injected  P.  132074:133534(1460) ack 3001 bytes 2661
            captured  P.  4121:4221(100) ack 9001
            injected  P.  133534:133634(100) ack 3001 bytes 4121
            ledger    captured 2 failed.joinedMidway 1 inFlight 1
            """, startedAt: .seconds(1000))
    }

    @Test func `where another client has heard an answer a long request that is cut is no such talk`() {
        PacketScript.run(
            Self.telling + """
                captured@40001 S  5000:5000(0)            win 64240 <mss 1460>
                injected@40001 S  5000:5000(0)
                captured@40001 .  5001:5001(0) ack 9001
                captured@40001 .  5001:5001(0) ack 9003
                captured  P.  1301:1401(100) ack 9001
                +1001ms
                injected@40001 S  5000:5000(0)
                +5s                                               // the answer is waited for
                injected@40001 S  5000:5000(0)
                injected  R   1201:1201(0)
                captured  P.  1401:1501(100) ack 9001
                ledger    captured 2 failed 2 failed.captureHole 1
                """)
    }
}
