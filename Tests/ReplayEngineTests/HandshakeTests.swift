import Testing
import Wire

@testable import ReplayEngine

@Suite struct HandshakeTests {
    @Test func `an exchange is replayed with the client's own numbers and the target's acknowledgements`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001   win 502
                injected  P.  1001:1101(100) ack 7001   win 65535
                relayed   P.  7001:7301(300) ack 1101   win 500
                ledger answered 1 inFlight 0
                +100ms
                injected  .   1101:1101(0)   ack 7301
                """)
    }

    @Test func `a request that was captured before the handshake ended rides on its acknowledgement`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460,sackOK,wscale 7>
            injected  S   1000:1000(0)              win 65535
            captured  .   1001:1001(0)   ack 9001   win 502
            captured  P.  1001:1101(100) ack 9001   win 502
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460,sackOK,wscale 7>
            injected  P.  1001:1101(100) ack 7001   win 65535
            """)
    }

    @Test func `a lost SYN is sent again after one timeout`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            +990ms
            +20ms
            injected  S   1000:1000(0)
            +1980ms
            +30ms
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            ledger retransmissions 2
            """)
    }

    @Test func `a SYN that the client repeats is not a second session`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            ledger sessions.captured 1
            """)
    }

    @Test func `a refused SYN fails the exchange that waited for it`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            captured  P.  1001:1101(100) ack 9001   win 502
            relayed   R.  0:0(0)         ack 1001   win 0
            captured  F.  1101:1101(0)   ack 9001   win 502
            ledger failed.refusedByTarget 1 sessions.failed 1 sessions.inFlight 0
            """)
    }

    @Test func `a challenge acknowledgement is answered by a RST at its number and the SYN again`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            relayed   .   5000:5000(0)   ack 333    win 500
            injected  R   333:333(0)
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            """)
    }

    @Test func `timestamps are offered when the client did, echo the target's and never go back`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460,TS val 77 ecr 0>
            injected  S   1000:1000(0)              win 65535 <mss 1460,TS val 1000000 ecr 0>
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460,TS val 500 ecr 1000000>
            injected  .   1001:1001(0)   ack 7001   win 65535 <TS val 1000000 ecr 500>
            +5ms
            captured  P.  1001:1002(1)   ack 9001   win 502
            injected  P.  1001:1002(1)   ack 7001   win 65535 <TS val 1000005 ecr 500>
            """)
    }
}
