import Testing

@testable import ReplayEngine

/// Datagrams whose answers nobody could see, because an assistant was away.
@Suite struct DatagramReachTests {
    @Test func `what is not answered while no assistant relays does not count as silent`() {
        DatagramScript.run(
            """
            captured@40001 100
            injected@40001 100
            +1s
            reach none
            captured@40002 101                  // goes at its time all the same
            injected@40002 101
            +10s
            ledger silent 0 failed.relayAway 2 inFlight 0 answered 0
            reach whole
            captured@40001 102
            injected@40001 102
            +6s
            ledger silent 1 failed.relayAway 2
            """)
    }

    @Test func `an assistant that is back answers for what follows, not for what was missed`() {
        DatagramScript.run(
            """
            reach none
            captured@40001 100
            injected@40001 100
            +2s
            ledger inFlight 1
            reach whole
            ledger inFlight 0 failed.relayAway 1
            captured@40001 101
            injected@40001 101
            answered@40001
            +6s
            ledger answered 1 silent 0 failed.relayAway 1
            """)
    }

    @Test func `what was sent right before an assistant was back may still be answered, and is not silent`() {
        DatagramScript.run(
            """
            reach partial
            captured@40001 100
            injected@40001 100
            captured@40002 101
            injected@40002 101
            +20ms
            reach whole
            answered@40001
            ledger answered 1 inFlight 1
            +6s
            ledger answered 1 silent 0 failed.relayAway 1
            """)
    }

    @Test func `of two assistants the one that is left answers, and silence says nothing`() {
        DatagramScript.run(
            """
            reach partial
            captured@40001 100
            injected@40001 100
            captured@40002 101
            injected@40002 101
            answered@40002
            +6s
            ledger answered 1 silent 0 failed.relayAway 1
            """)
    }
}
