import Testing

@testable import ReplayEngine

/// tcpcopy is told to stop.
@Suite struct StoppingTests {
    @Test func `an idle session is closed, and no more is captured`() {
        PacketScript.run(
            firstExchange + """
                stop
                injected  F.  1101:1101(0)   ack 7301
                captured  P.  1101:1201(100) ack 9301
                relayed   F.  7301:7301(0)   ack 1102   win 500
                injected  .   1102:1102(0)   ack 7302
                ledger    afterStop 1 answered 1 sessions.answered 1 sessions.inFlight 0
                """)
    }

    @Test func `a session that waits for an answer is closed once it has come`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                stop
                +190ms
                relayed   P.  7001:7301(300) ack 1101   win 500
                injected  F.  1101:1101(0)   ack 7301
                ledger    answered 1
                """)
    }

    @Test func `a handshake under way is completed and closed`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            stop
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  F.  1001:1001(0)   ack 7001
            relayed   F.  7001:7001(0)   ack 1002   win 500
            injected  .   1002:1002(0)   ack 7002
            ledger    sessions.answered 1
            """)
    }

    @Test func `a session without a connection is finished`() {
        PacketScript.run(
            firstExchange + """
                relayed   R   7301:7301(0)
                ledger    sessions.inFlight 1
                stop
                ledger    sessions.answered 1 sessions.inFlight 0
                """)
    }

    @Test func `a hole that is left fails its exchange`() {
        PacketScript.run(
            firstExchange + """
                captured  P.  1201:1301(100) ack 9601
                stop
                +200ms
                injected  R   1101:1101(0)
                ledger    captured 2 failed.stopped 1 sessions.failed.stopped 1 sessions.inFlight 0
                payload   0
                """)
    }

    @Test func `at the end what is not answered fails, and the target is reset`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1101:1201(100) ack 9301
                stop
                end
                injected  R   1101:1101(0)
                ledger    failed.stopped 2 inFlight 0 sessions.failed.stopped 1 sessions.inFlight 0
                """)
    }

    @Test func `at the end an idle session has done what it could`() {
        PacketScript.run(
            firstExchange + """
                end
                injected  R   1101:1101(0)
                ledger    answered 1 sessions.answered 1 sessions.inFlight 0
                """)
    }
}
