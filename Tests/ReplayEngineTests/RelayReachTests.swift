import Testing

@testable import ReplayEngine

/// Assistants that go away and come back.
@Suite struct RelayReachTests {
    @Test func `while no assistant relays, no next exchange goes out, however long, and then the target is asked`() {
        PacketScript.run(
            firstExchange + """
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                relayed   .   7301:7301(0)   ack 1201   win 500
                reach     none
                captured  P.  1201:1301(100) ack 9601
                +30s
                ledger    answered 1 inFlight 2 releasedUnanswered 0
                reach     whole
                injected  .   1200:1200(0)   ack 7301             // an old number: the target says where it stands
                relayed   .   7601:7601(0)   ack 1201   win 500   // its answer was missed
                injected  .   1201:1201(0)   ack 7600             // all but the last byte, which it sends again
                ledger    answered 2
                relayed   P.  7600:7601(1)   ack 1201   win 500
                injected  P.  1201:1301(100) ack 7601
                ledger    answered 2 inFlight 1 releasedUnanswered 0
                """)
    }

    @Test func `what the target has not acknowledged is sent again at once when an assistant is back`() {
        PacketScript.run(
            firstExchange + """
                reach     none
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                +250ms
                injected  P.  1101:1201(100) ack 7301
                +150ms
                reach     whole
                injected  P.  1101:1201(100) ack 7301
                relayed   P.  7301:7601(300) ack 1201   win 500
                ledger    answered 2 inFlight 0
                +50ms
                injected  .   1201:1201(0)   ack 7601
                """)
    }

    @Test func `a target that closed meanwhile is left as one that closes early`() {
        PacketScript.run(
            firstExchange + """
                reach     none
                +9s
                reach     whole
                injected  .   1100:1100(0)   ack 7301
                relayed   .   7302:7302(0)   ack 1101   win 500   // a byte or a FIN was missed
                relayed   F.  7301:7301(0)   ack 1101   win 500
                injected  .   1101:1101(0)   ack 7302
                captured  P.  1101:1201(100) ack 9301
                injected  R   1101:1101(0)
                injected  S   132173:132173(0)
                ledger    failed 0 reopenings 1
                """)
    }

    @Test func `a question is asked again until it is answered, a few times`() {
        PacketScript.run(
            firstExchange + """
                reach     none
                +1s
                reach     whole
                injected  .   1100:1100(0)   ack 7301
                +210ms
                injected  .   1100:1100(0)   ack 7301
                +410ms
                injected  .   1100:1100(0)   ack 7301
                relayed   .   7301:7301(0)   ack 1101   win 500
                +60s
                ledger    answered 1 failed 0
                """)
    }

    @Test func `without an assistant no connection is opened, and all are once it is back`() {
        PacketScript.run(
            """
            reach     none
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:1101(100) ack 9001
            +100s
            event     none
            reach     partial
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  P.  1001:1101(100) ack 7001
            """)
    }

    @Test func `a handshake is not given up while its answers can't be seen`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            captured  P.  1001:1101(100) ack 9001
            +1010ms
            injected  S   1000:1000(0)
            reach     none
            +2s
            injected  S   1000:1000(0)
            +4s
            injected  S   1000:1000(0)
            +8s
            injected  S   1000:1000(0)
            +16s
            injected  S   1000:1000(0)
            +32s
            injected  S   1000:1000(0)
            +200s
            ledger    failed 0 inFlight 1
            reach     whole
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  P.  1001:1101(100) ack 7001
            """)
    }

    @Test func `an assistant that stays away for the session time-out fails what waits, under a name of its own`() {
        PacketScript.run(
            firstExchange + """
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                relayed   .   7301:7301(0)   ack 1201   win 500
                captured  P.  1201:1301(100) ack 9601
                +1s
                reach     none
                +9900ms
                ledger    inFlight 2
                +200ms
                injected  R   1201:1201(0)
                ledger    failed.relayAway 1 inFlight 1
                +21s
                ledger    failed.relayAway 2 inFlight 0 sessions.failed.relayAway 1
                +1100ms
                sessions  0
                """,
            settings: PacketScript.settings {
                $0.sessionTimeout = .seconds(10)
                $0.idleTimeout = .seconds(20)
            })
    }

    @Test func `one of several assistants away for good keeps nothing waiting for longer than the session time-out`() {
        PacketScript.run(
            firstExchange + """
                reach     partial
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                relayed   .   7301:7401(100) ack 1201   win 500   // shorter than online, without PSH
                captured  P.  1201:1301(100) ack 9601
                +50ms
                injected  .   1201:1201(0)   ack 7401
                +9s
                ledger    answered 2 inFlight 1
                +1s
                injected  R   1201:1201(0)
                injected  S   132273:132273(0)
                relayed   S.  3000:3000(0)   ack 132274 win 500 <mss 1460>
                injected  P.  132274:132374(100) ack 3001 bytes 1201
                relayed   .   3001:3101(100) ack 132374 win 500
                captured  P.  1301:1401(100) ack 9901
                +200ms
                injected  .   132374:132374(0) ack 3101
                injected  P.  132374:132474(100) ack 3101 bytes 1301 // judged as ever
                ledger    failed 0 answered 3 inFlight 1
                """, settings: PacketScript.settings { $0.sessionTimeout = .seconds(10) })
    }
}
