import Testing

@testable import ReplayEngine

/// A recording comes to its end, and may be played again ("round").
@Suite struct RoundTests {
    @Test func `a session that is open at the end is closed as by its client`() {
        PacketScript.run(
            firstExchange + """
                round
                injected  F.  1101:1101(0)   ack 7301
                relayed   F.  7301:7301(0)   ack 1102   win 500
                injected  .   1102:1102(0)   ack 7302
                ledger    answered 1 sessions.answered 1 sessions.inFlight 0
                """)
    }

    @Test func `the same connection in the next round is another session, beyond the numbers of the first`() {
        PacketScript.run(
            firstExchange + """
                round
                injected  F.  1101:1101(0)   ack 7301
                captured  S   1000:1000(0)              win 64240 <mss 1460>
                relayed   F.  7301:7301(0)   ack 1102   win 500
                injected  .   1102:1102(0)   ack 7302
                injected  S   132174:132174(0)
                ledger    sessions.captured 2 sessions.answered 1 sessions.inFlight 1
                """)
    }
}
