import Testing

@testable import ReplayEngine

/// FIN and RST from either side.
@Suite struct EndingTests {
    @Test func `a client that closes after its answer is closed after its answer`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  F.  1101:1101(0)   ack 9301
                relayed   P.  7001:7301(300) ack 1101   win 500
                injected  F.  1101:1101(0)   ack 7301
                relayed   F.  7301:7301(0)   ack 1102   win 500
                injected  .   1102:1102(0)   ack 7302
                ledger    answered 1 inFlight 0 sessions.answered 1 sessions.inFlight 0
                sessions  1
                +1100ms
                sessions  0
                payload   0
                """)
    }

    @Test func `a server that closes first is acknowledged, and closed when the client closes`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   FP. 7001:7301(300) ack 1101   win 500
                injected  .   1101:1101(0)   ack 7302
                +2s
                captured  F.  1101:1101(0)   ack 9302
                injected  F.  1101:1101(0)   ack 7302
                relayed   .   7302:7302(0)   ack 1102   win 500
                ledger    answered 1 sessions.answered 1
                """)
    }

    @Test func `FINs that cross are both acknowledged`() {
        PacketScript.run(
            firstExchange + """
                captured  F.  1101:1101(0)   ack 9301
                injected  F.  1101:1101(0)   ack 7301
                relayed   F.  7301:7301(0)   ack 1101   win 500
                injected  .   1102:1102(0)   ack 7302
                ledger    sessions.inFlight 1
                relayed   .   7302:7302(0)   ack 1102   win 500
                ledger    sessions.answered 1 sessions.inFlight 0
                """)
    }

    @Test func `a half-closed connection hears the answer out`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  F.  1101:1101(0)   ack 9001
                injected  F.  1101:1101(0)   ack 7001
                relayed   .   7001:7001(0)   ack 1102   win 500
                ledger    inFlight 1
                +3s
                relayed   P.  7001:7301(300) ack 1102   win 500
                +50ms
                injected  .   1102:1102(0)   ack 7301
                relayed   F.  7301:7301(0)   ack 1102   win 500
                injected  .   1102:1102(0)   ack 7302
                ledger    answered 1 sessions.answered 1
                """)
    }

    @Test func `data and FIN in one captured segment go as data and FIN`() {
        PacketScript.run(
            handshake + """
                captured  FP. 1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                injected  F.  1101:1101(0)   ack 7001
                relayed   FP. 7001:7301(300) ack 1102   win 500
                injected  .   1102:1102(0)   ack 7302
                ledger    answered 1 sessions.answered 1
                """)
    }

    @Test func `a lost FIN is sent again, and behind it nothing is lost`() {
        PacketScript.run(
            firstExchange + """
                captured  FP. 1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                injected  F.  1201:1201(0)   ack 7301
                +210ms
                injected  P.  1101:1201(100) ack 7301
                injected  F.  1201:1201(0)   ack 7301
                relayed   .   7301:7301(0)   ack 1201   win 500
                +210ms
                injected  F.  1201:1201(0)   ack 7301
                relayed   FP. 7301:7401(100) ack 1202   win 500
                injected  .   1202:1202(0)   ack 7402
                ledger    answered 2 sessions.answered 1 retransmissions 3
                """)
    }

    @Test func `a FIN that the target repeats is acknowledged again after the end`() {
        PacketScript.run(
            firstExchange + """
                captured  F.  1101:1101(0)   ack 9301
                injected  F.  1101:1101(0)   ack 7301
                relayed   F.  7301:7301(0)   ack 1102   win 500
                injected  .   1102:1102(0)   ack 7302
                +210ms
                relayed   F.  7301:7301(0)   ack 1102   win 500
                injected  .   1102:1102(0)   ack 7302
                """)
    }

    @Test func `the last acknowledgement goes as late as the client is far`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   P.  7001:7301(300) ack 1101   win 500
                captured  F.  1101:1101(0)   ack 9301
                injected  F.  1101:1101(0)   ack 7301
                relayed   F.  7301:7301(0)   ack 1102   win 500
                +290ms
                +20ms
                injected  .   1102:1102(0)   ack 7302
                +1100ms
                sessions  0
                """, settings: PacketScript.settings { $0.acknowledgementDelay = .milliseconds(300) })
    }

    @Test func `a client's RST waits until all is acknowledged and answered, and goes as the last number`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  .   1101:1101(0)   ack 9301
                captured  R.  1101:1101(0)   ack 9301
                relayed   .   7001:7001(0)   ack 1101   win 500
                +1s
                relayed   P.  7001:7301(300) ack 1101   win 500
                injected  R   1101:1101(0)              win 0 <>
                ledger    answered 1 sessions.answered 1
                """)
    }

    @Test func `a client that resets in the middle of an answer has the same part of it at the target`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  .   1101:1101(0)   ack 10001            // 1000 bytes of many
                captured  R   1101:1101(0)
                relayed   .   7001:7501(500) ack 1101   win 500
                +50ms
                injected  .   1101:1101(0)   ack 7501
                relayed   .   7501:8001(500) ack 1101   win 500
                injected  R   1101:1101(0)
                relayed   .   8001:8501(500) ack 1101   win 500
                injected  R   1101:1101(0)                        // what was on its way
                ledger    answered 1 sessions.answered 1
                """)
    }

    @Test func `a client that resets without having heard anything expects no answer`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  R   1101:1101(0)
                relayed   .   7001:7001(0)   ack 1101   win 500
                injected  R   1101:1101(0)
                ledger    answered 1 sessions.answered 1
                """)
    }

    @Test func `a client that closes and then resets does both`() {
        PacketScript.run(
            firstExchange + """
                captured  F.  1101:1101(0)   ack 9301
                injected  F.  1101:1101(0)   ack 7301
                captured  R   1102:1102(0)
                injected  R   1102:1102(0)
                ledger    answered 1 sessions.answered 1
                relayed   .   7301:7301(0)   ack 1102   win 500   // was on its way
                injected  R   1102:1102(0)
                """)
    }

    @Test func `a target that resets is opened again at the next exchange, beyond its numbers`() {
        PacketScript.run(
            firstExchange + """
                relayed   R   7301:7301(0)              win 0
                captured  P.  1101:1201(100) ack 9301
                injected  S   132173:132173(0)          win 65535 <mss 1460,sackOK,wscale 7>
                relayed   S.  3000:3000(0)   ack 132174 win 500 <mss 1460>
                injected  P.  132174:132274(100) ack 3001 bytes 1101
                relayed   P.  3001:3301(300) ack 132274 win 500
                ledger    answered 2 reopenings 1
                +50ms
                injected  .   132274:132274(0) ack 3301
                """)
    }

    @Test func `a target that resets before it answered has failed that exchange only`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   R.  7001:7001(0)   ack 1101   win 0
                ledger    failed.resetByTarget 1 inFlight 0 sessions.inFlight 1
                captured  .   1101:1151(50)  ack 9001            // the rest of the exchange that has failed
                captured  P.  1151:1201(50)  ack 9301
                injected  S   132173:132173(0)
                relayed   S.  3000:3000(0)   ack 132174 win 500 <mss 1460>
                injected  P.  132174:132224(50) ack 3001 bytes 1151
                relayed   P.  3001:3301(300) ack 132224 win 500
                captured  F.  1201:1201(0)   ack 9601
                injected  F.  132224:132224(0) ack 3301
                relayed   F.  3301:3301(0)   ack 132225 win 500
                injected  .   132225:132225(0) ack 3302
                ledger    captured 2 answered 1 failed 1 sessions.answered 1
                """)
    }

    @Test func `a session whose last exchange failed has failed`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   R.  7001:7001(0)   ack 1101   win 0
                captured  F.  1101:1101(0)   ack 9301
                ledger    sessions.failed.resetByTarget 1
                """)
    }

    @Test func `a target that closes early is closed and opened again at the next exchange`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   FP. 7001:7301(300) ack 1101   win 500
                injected  .   1101:1101(0)   ack 7302
                captured  P.  1101:1201(100) ack 9301
                injected  R   1101:1101(0)
                injected  S   132173:132173(0)
                relayed   S.  3000:3000(0)   ack 132174 win 500 <mss 1460>
                injected  P.  132174:132274(100) ack 3001 bytes 1101
                ledger    answered 1 inFlight 1 reopenings 1
                """)
    }

    @Test func `a target that closes without an answer has failed the exchange`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   F.  7001:7001(0)   ack 1101   win 500
                injected  .   1101:1101(0)   ack 7002
                captured  F.  1101:1101(0)   ack 9301
                injected  F.  1101:1101(0)   ack 7002
                relayed   .   7002:7002(0)   ack 1102   win 500
                ledger    failed.closedByTarget 1 sessions.failed.closedByTarget 1
                """)
    }

    @Test func `a session that is reset whenever it opens is left alone for a while`() {
        var script =
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   R.  7001:7001(0)   ack 1101   win 0

                """
        var isn = 1101
        for index in 1..<8 {
            isn += 1 << 17
            let start = 1001 + 100 * index
            script += """
                captured  P.  \(start):\(start + 100)(100) ack \(9001 + 300 * index)
                injected  S   \(isn):\(isn)(0)
                relayed   S.  3000:3000(0)   ack \(isn + 1) win 500 <mss 1460>
                injected  P.  \(isn + 1):\(isn + 101)(100) ack 3001 bytes \(start)
                relayed   R.  3001:3001(0)   ack \(isn + 101) win 0

                """
            isn += 101
        }
        PacketScript.run(
            script + """
                captured  P.  1801:1901(100) ack 11401
                captured  P.  1901:2001(100) ack 11701
                ledger    captured 10 failed.resetByTarget 10 sessions.inFlight 1
                captured  F.  2001:2001(0)   ack 12001
                ledger    sessions.failed.resetByTarget 1
                +1100ms
                sessions  0
                """)
    }

    @Test func `bytes after a FIN are no part of the stream`() {
        PacketScript.run(
            firstExchange + """
                captured  F.  1101:1101(0)   ack 9301
                injected  F.  1101:1101(0)   ack 7301
                captured  P.  1102:1202(100) ack 9301
                relayed   F.  7301:7301(0)   ack 1102   win 500
                injected  .   1102:1102(0)   ack 7302
                ledger    captured 1 sessions.answered 1
                """)
    }
}
