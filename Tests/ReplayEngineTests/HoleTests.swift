import Testing

@testable import ReplayEngine

/// Bytes that capture lost for good.
@Suite struct HoleTests {
    @Test func `an exchange whose tail is lost fails, and the next goes over a fresh connection`() {
        PacketScript.run(
            firstExchange + """
                captured  .   1101:2561(1460) ack 9301
                injected  P.  1101:2561(1460) ack 7301
                relayed   .   7301:7301(0)   ack 2561   win 500
                captured  P.  2661:2761(100) ack 9601             // 2561:2661 is lost
                +19ms
                +2ms
                injected  R   2561:2561(0)
                injected  S   133633:133633(0)
                relayed   S.  3000:3000(0)   ack 133634 win 500 <mss 1460>
                injected  P.  133634:133734(100) ack 3001 bytes 2661
                ledger    captured 3 answered 1 failed.captureHole 1 inFlight 1 reopenings 1
                """)
    }

    @Test func `an exchange whose tail is lost fails, though the target has answered what came of it`() {
        PacketScript.run(
            firstExchange + """
                captured  .   1101:2561(1460) ack 9301
                injected  P.  1101:2561(1460) ack 7301
                relayed   P.  7301:7401(100) ack 2561   win 500
                ledger    answered 2
                captured  P.  2661:2761(100) ack 9601             // 2561:2661 is lost
                +50ms
                injected  R   2561:2561(0)
                injected  S   133633:133633(0)
                ledger    captured 3 answered 1 failed.captureHole 1 inFlight 1
                """)
    }

    @Test func `an exchange that is lost whole fails, though nothing was seen of it`() {
        PacketScript.run(
            firstExchange + """
                captured  P.  1201:1301(100) ack 9601             // 1101:1201 and its answer are past
                +100ms
                +60ms                                             // nothing more comes of the first answer
                injected  R   1101:1101(0)
                injected  S   132173:132173(0)
                relayed   S.  3000:3000(0)   ack 132174 win 500 <mss 1460>
                injected  P.  132174:132274(100) ack 3001 bytes 1201
                ledger    captured 3 answered 1 failed.captureHole 1 inFlight 1
                """)
    }

    @Test func `a first exchange that is lost whole costs no waiting for an answer`() {
        PacketScript.run(
            handshake + """
                captured  P.  1101:1201(100) ack 9301
                +25ms
                injected  R   1001:1001(0)
                injected  S   132073:132073(0)
                relayed   S.  3000:3000(0)   ack 132074 win 500 <mss 1460>
                injected  P.  132074:132174(100) ack 3001 bytes 1101
                ledger    captured 2 failed.captureHole 1 inFlight 1
                """)
    }

    @Test func `full segments that are lost belong to the exchange around them`() {
        PacketScript.run(
            firstExchange + """
                captured  .   1101:2561(1460) ack 9301
                injected  P.  1101:2561(1460) ack 7301
                captured  P.  4021:4121(100) ack 9301             // 2561:4021 is lost
                relayed   .   7301:7301(0)   ack 2561   win 500
                +900ms
                +150ms
                injected  R   2561:2561(0)
                captured  P.  4121:4221(100) ack 9601
                injected  S   133633:133633(0)
                ledger    captured 3 answered 1 failed.captureHole 1 inFlight 1
                """)
    }

    @Test func `a waiting exchange that is cut is not sent in part`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  .   1101:2561(1460) ack 9301            // waits for the answer
                captured  P.  2661:2761(100) ack 9601
                +25ms
                relayed   P.  7001:7301(300) ack 1101   win 500
                injected  R   1101:1101(0)
                injected  S   132173:132173(0)
                relayed   S.  3000:3000(0)   ack 132174 win 500 <mss 1460>
                injected  P.  132174:132274(100) ack 3001 bytes 2661
                ledger    captured 3 answered 1 failed.captureHole 1 inFlight 1
                """)
    }

    @Test func `a hole that grows smaller is waited for anew, and one that is filled in the end is no hole`() {
        PacketScript.run(
            handshake + """
                captured  P.  1301:1401(100) ack 9001
                +900ms
                captured  .   1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   .   7001:7001(0)   ack 1101   win 500
                +900ms
                captured  .   1101:1201(100) ack 9001
                injected  P.  1101:1201(100) ack 7001
                relayed   .   7001:7001(0)   ack 1201   win 500
                +900ms
                captured  .   1201:1301(100) ack 9001
                injected  P.  1201:1401(200) ack 7001
                ledger    captured 1 failed 0
                """)
    }

    @Test func `bytes that come after their hole was given up are not sent`() {
        PacketScript.run(
            firstExchange + """
                captured  .   1101:2561(1460) ack 9301
                injected  P.  1101:2561(1460) ack 7301
                relayed   .   7301:7301(0)   ack 2561   win 500
                captured  P.  2661:2761(100) ack 9601
                +21ms
                injected  R   2561:2561(0)
                injected  S   133633:133633(0)
                captured  P.  2561:2661(100) ack 9301
                relayed   S.  3000:3000(0)   ack 133634 win 500 <mss 1460>
                injected  P.  133634:133734(100) ack 3001 bytes 2661
                """)
    }

    @Test func `a far client is given two round trips more to fill a hole that the server has answered beyond`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            +100ms
            captured  .   1001:1001(0)   ack 9001
            captured  .   1101:1201(100) ack 9051
            +215ms
            captured  P.  1001:1101(100) ack 9001
            injected  P.  1001:1101(100) ack 7001
            ledger    failed 0
            """)
    }

    @Test func `with --on-hole end the session ends, and what follows is counted as failed`() {
        PacketScript.run(
            firstExchange + """
                captured  P.  1201:1301(100) ack 9601
                +25ms
                injected  R   1101:1101(0)
                captured  P.  1301:1401(100) ack 9901
                captured  P.  1601:1701(100) ack 9999             // one more is lost whole
                payload   176                                         // their places in the stream are kept
                +2s
                captured  F.  1701:1701(0)   ack 10301
                ledger    answered 1 inFlight 0 failed.captureHole 5 captured 6 sessions.failed.captureHole 1
                +1100ms
                sessions  0
                payload   0
                """, settings: PacketScript.settings { $0.onHole = .end })
    }

    @Test func `packets that the snapshot length cut break their exchange`() {
        PacketScript.run(
            firstExchange + """
                captured  P.  1101:1201(100) ack 9301 cut 40
                injected  R   1101:1101(0)
                captured  P.  1201:1301(100) ack 9601
                injected  S   132173:132173(0)
                relayed   S.  3000:3000(0)   ack 132174 win 500 <mss 1460>
                injected  P.  132174:132274(100) ack 3001 bytes 1201
                ledger    captured 3 answered 1 failed.captureTruncated 1
                """)
    }

    @Test func `a client that resets before it filled a hole had not said its exchange`() {
        PacketScript.run(
            firstExchange + """
                captured  .   1101:1151(50)  ack 9301
                injected  P.  1101:1151(50)  ack 7301
                captured  P.  1201:1251(50)  ack 9301
                captured  R   1251:1251(0)
                injected  R   1151:1151(0)
                ledger    captured 2 answered 1 failed.resetByClient 1 sessions.failed.resetByClient 1
                """)
    }

    @Test
    func `a hole that is left when the port is used again is counted, and what lies beyond it is replayed before`() {
        PacketScript.run(
            handshake + """
                captured  P.  1101:1201(100) ack 9001
                captured  S   500000:500000(0)          win 64240 <mss 1460>
                injected  R   1001:1001(0)
                injected  S   132073:132073(0)
                relayed   S.  3000:3000(0)   ack 132074 win 500 <mss 1460>
                injected  P.  132074:132174(100) ack 3001 bytes 1101
                injected  F.  132174:132174(0) ack 3001
                relayed   F.  3001:3101(100) ack 132175 win 500
                injected  .   132175:132175(0) ack 3102
                injected  S   500000:500000(0)
                ledger    captured 2 answered 1 failed.captureHole 1 sessions.answered 1
                """)
    }

    @Test func `a hole in a session that waits for its port does not take it out of line`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  R.  1101:1101(0)   ack 9301
                captured  S   200000:200000(0)          win 64240 <mss 1460>
                captured  P.  200101:200201(100) ack 20001
                captured  R   200201:200201(0)
                relayed   P.  7001:7301(300) ack 1101   win 500
                injected  R   1101:1101(0)
                injected  S   200000:200000(0)
                relayed   S.  3000:3000(0)   ack 200001 win 500 <mss 1460>
                injected  R   200001:200001(0)
                ledger    captured 2 answered 1 failed.resetByClient 1 sessions.inFlight 0
                """)
    }

    @Test func `what is held out of order counts as memory and is given back`() {
        PacketScript.run(
            handshake + """
                captured  P.  1101:2101(1000) ack 9001
                payload   1088
                captured  P.  2201:3201(1000) ack 9001
                payload   2176
                captured  R   3201:3201(0)
                injected  R   1001:1001(0)
                payload   0
                """)
    }
}
