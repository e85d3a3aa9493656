import Testing

@testable import ReplayEngine

/// The capture holds the online server's half too.
@Suite struct ResponseTests {
    /// A second request goes to the target, and online answered it.
    private let secondExchange =
        firstExchange + """
            captured  P.  1101:1201(100) ack 9301
            injected  P.  1101:1201(100) ack 7301
            online    P.  9301:9601(300) ack 1201

            """

    @Test func `at the end an answer is waited for that the client was not seen to acknowledge`() {
        PacketScript.run(
            secondExchange + """
                round
                +100ms
                relayed   P.  7301:7601(300) ack 1201   win 500
                injected  F.  1201:1201(0)   ack 7601
                relayed   F.  7601:7601(0)   ack 1202   win 500
                injected  .   1202:1202(0)   ack 7602
                ledger    answered 2 failed 0 sessions.answered 1 releasedUnanswered 0
                """)
    }

    @Test func `a client's RST waits for as much as the server had sent it`() {
        PacketScript.run(
            secondExchange + """
                online    P.  9601:9701(100) ack 1201
                captured  R   1201:1201(0)
                relayed   P.  7301:7601(300) ack 1201   win 500
                +50ms
                injected  .   1201:1201(0)   ack 7601
                relayed   P.  7601:7701(100) ack 1201   win 500
                injected  R   1201:1201(0)
                ledger    answered 2 failed 0 releasedUnanswered 0
                """)
    }

    @Test func `what a server answered after the client had closed its side, the target must answer too`() {
        PacketScript.run(
            firstExchange + """
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                captured  F.  1201:1201(0)   ack 9301
                injected  F.  1201:1201(0)   ack 7301
                online    P.  9301:9601(300) ack 1202
                relayed   F.  7301:7301(0)   ack 1202   win 500
                injected  .   1202:1202(0)   ack 7302
                ledger    answered 1 failed.closedByTarget 1
                """)
    }

    @Test func `bytes that the server had are lost for good, though the client has heard nothing since`() {
        PacketScript.run(
            firstExchange + """
                captured  .   1101:2561(1460) ack 9301
                injected  P.  1101:2561(1460) ack 7301
                relayed   .   7301:7301(0)   ack 2561   win 500
                captured  P.  4021:4121(100) ack 9301             // 2561:4021 is lost
                online    .   9301:9301(0)   ack 4121
                +19ms
                +2ms
                injected  R   2561:2561(0)
                ledger    captured 2 answered 1 failed.captureHole 1 inFlight 0
                """)
    }

    @Test func `bytes that the server lacks are waited for, though the client has heard of others`() {
        PacketScript.run(
            firstExchange + """
                captured  .   1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                online    .   9301:9601(300) ack 1201
                captured  P.  1301:1401(100) ack 9601             // 1201:1301 is lost before the server
                online    .   9601:9601(0)   ack 1201
                relayed   .   7301:7601(300) ack 1201   win 500
                +50ms
                injected  .   1201:1201(0)   ack 7601
                +200ms
                captured  .   1201:1301(100) ack 9601
                injected  P.  1201:1401(200) ack 7601
                ledger    captured 3 answered 2 failed 0
                """)
    }

    @Test func `a hole fails as many exchanges as the server answered in it`() {
        PacketScript.run(
            firstExchange + """
                online    P.  9001:9301(300) ack 1101
                online    P.  9301:9601(300) ack 1201             // of three exchanges only answers are seen
                online    P.  9601:9901(300) ack 1301
                online    P.  9901:9999(98)  ack 1401
                captured  P.  1401:1501(100) ack 9999
                +21ms
                +200ms
                injected  R   1101:1101(0)
                injected  S   132173:132173(0)
                relayed   S.  3000:3000(0)   ack 132174 win 500 <mss 1460>
                injected  P.  132174:132274(100) ack 3001 bytes 1401
                ledger    captured 5 answered 1 failed.captureHole 3 inFlight 1
                """)
    }

    @Test func `a hole after a pushed segment belongs to its exchange where the server answered later only`() {
        PacketScript.run(
            firstExchange + """
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                captured  P.  1301:1401(100) ack 9301             // 1201:1301 is lost
                online    P.  9301:9601(300) ack 1401
                relayed   .   7301:7301(0)   ack 1201   win 500
                +21ms
                injected  R   1201:1201(0)
                captured  P.  1401:1501(100) ack 9601
                injected  S   132273:132273(0)
                ledger    captured 3 answered 1 failed.captureHole 1 inFlight 1
                """)
    }

    @Test func `an exchange that ends beyond the files is told, and not sent in part`() {
        PacketScript.run(
            firstExchange + """
                captured  .   1101:2561(1460) ack 9301
                injected  P.  1101:2561(1460) ack 7301
                round
                injected  R   2561:2561(0)
                ledger    captured 2 answered 1 failed.cutAtEnd 1 sessions.failed.cutAtEnd 1 inFlight 0
                """)
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  .   1101:2561(1460) ack 9301            // waits for the answer
                round
                relayed   P.  7001:7301(300) ack 1101   win 500
                injected  R   1101:1101(0)
                ledger    captured 2 answered 1 failed.cutAtEnd 1
                """)
    }

    @Test func `an exchange without PSH at the end of the files is whole if the server answered it`() {
        PacketScript.run(
            firstExchange + """
                captured  .   1101:2561(1460) ack 9301
                injected  P.  1101:2561(1460) ack 7301
                online    P.  9301:9601(300) ack 2561
                round
                relayed   P.  7301:7601(300) ack 2561   win 500
                injected  F.  2561:2561(0)   ack 7601
                ledger    captured 2 answered 2 failed 0
                """)
    }

    @Test func `an answer that online gave beyond the end of the files is waited for, where the server talks`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                online    P.  9001:9301(300) ack 1101
                relayed   P.  7001:7301(300) ack 1101   win 500
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                round
                relayed   .   7301:7301(0)   ack 1201   win 500
                +1s
                relayed   P.  7301:7601(300) ack 1201   win 500
                +199ms
                injected  .   1201:1201(0)   ack 7601
                +2ms
                injected  F.  1201:1201(0)   ack 7601
                ledger    answered 2 failed 0
                """)
    }

    @Test func `a server that only listens is not waited for at the end`() {
        PacketScript.run(
            handshake + """
                online    .   9001:9001(0)   ack 1001
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                online    .   9001:9001(0)   ack 1101
                round
                injected  F.  1101:1101(0)   ack 7001
                """)
    }

    @Test func `a greeting is known from the handshake, though the client's acknowledgement was not captured`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            online    S.  9000:9000(0)   ack 1001   win 65160 <mss 1460>
            online    P.  9001:9051(50)  ack 1001
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            captured  P.  1001:1101(100) ack 9051
            +100ms
            relayed   P.  7001:7051(50)  ack 1001   win 500
            injected  P.  1001:1101(100) ack 7051
            ledger    captured 1 releasedUnanswered 0
            """)
    }

    @Test(arguments: ["online P. 9001:9301(300) ack 1001", "captured . 1001:1001(0) ack 9301"])
    func `an exchange begins where the server has answered, or the client has heard, though it is seen in mid-session`(
        sign: String
    ) {
        PacketScript.run(
            """
            \(sign)
            captured  .   1001:2461(1460) ack 9301
            injected  S   132073:132073(0)
            captured  P.  2461:2561(100) ack 9301
            relayed   S.  3000:3000(0)   ack 132074 win 65160 <mss 1460>
            injected  .   132074:133534(1460) ack 3001 bytes 1001
            injected  P.  133534:133634(100) ack 3001 bytes 2461
            ledger    captured 1 failed 0 inFlight 1
            """, startedAt: .seconds(1000))
    }

    @Test func `without such a sign full segments in mid-session are the rest of an exchange`() {
        PacketScript.run(
            """
            online    .   9301:9301(0)   ack 1001
            captured  .   1001:2461(1460) ack 9301
            captured  P.  2461:2561(100) ack 9301
            ledger    captured 1 failed.joinedMidway 1 inFlight 0
            """, startedAt: .seconds(1000))
    }

    @Test func `what concerns nobody is told apart, and no byte sequence of a server's moves a session wrongly`() {
        PacketScript.run(
            firstExchange + """
                online@40001 P. 9001:9301(300) ack 1101           // a client that nobody knows
                online    S.  5:5(0)         ack 77               // not this connection's
                online    R.  9301:9301(0)   ack 1101
                online    P   9301:9601(300)
                ledger    otherDestination 0 strays 0 captured 1
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                """)
    }
}
