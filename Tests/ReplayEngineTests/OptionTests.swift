import Testing

@testable import ReplayEngine

@Suite struct OptionTests {
    @Test func `a SYN without options is replayed without any, and the target's offers count for nothing`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240
            injected  S   1000:1000(0)              win 65535 <>
            relayed   S.  7000:7000(0)   ack 1001   win 1000 <mss 1460,wscale 7,sackOK,TS val 5 ecr 0>
            injected  .   1001:1001(0)   ack 7001   win 65535 <>
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:4001(3000) ack 9001
            injected  .   1001:2001(1000) ack 7001  win 65535 <>  // its window is not scaled
            relayed   .   7001:7001(0)   ack 2001   win 1000
            injected  .   2001:3001(1000) ack 7001
            """)
    }

    @Test func `a target that offers no MSS is sent 536 bytes a segment`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160
            injected  .   1001:1001(0)   ack 7001
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:2001(1000) ack 9001
            injected  .   1001:1537(536) ack 7001
            injected  P.  1537:2001(464) ack 7001
            """)
    }

    @Test func `an MSS beyond the way to the target is cut to it`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 65495>
            injected  S   1000:1000(0)              win 65535 <mss 65495>
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 65495>
            injected  .   1001:1001(0)   ack 7001
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:3001(2000) ack 9001
            injected  .   1001:2461(1460) ack 7001
            injected  P.  2461:3001(540) ack 7001
            """)
    }

    @Test func `timestamps that both sides offer take their room from each segment`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460,TS val 1 ecr 0>
            injected  S   1000:1000(0)              win 65535 <mss 1460,TS val 1000000 ecr 0>
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460,TS val 9 ecr 1000000>
            injected  .   1001:1001(0)   ack 7001   win 65535 <TS val 1000000 ecr 9>
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:3001(2000) ack 9001
            injected  .   1001:2449(1448) ack 7001
            injected  P.  2449:3001(552) ack 7001
            """)
    }

    @Test func `a header with an older timestamp than one before is not believed, but acknowledged`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460,TS val 1 ecr 0>
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460,TS val 500 ecr 1000000>
            injected  .   1001:1001(0)   ack 7001
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:1101(100) ack 9001
            injected  P.  1001:1101(100) ack 7001
            relayed   P.  7001:7101(100) ack 1101   win 500 <TS val 499 ecr 1000000>
            injected  .   1101:1101(0)   ack 7001
            ledger    answered 0
            relayed   P.  7001:7101(100) ack 1101   win 500 <TS val 500 ecr 1000000>
            ledger    answered 1
            +50ms
            injected  .   1101:1101(0)   ack 7101
            """)
    }

    @Test func `the target's window is scaled as it said`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1000,wscale 2>
            injected  S   1000:1000(0)              win 65535 <mss 1000,wscale 2>
            relayed   S.  7000:7000(0)   ack 1001   win 1000 <mss 1000,wscale 1>
            injected  .   1001:1001(0)   ack 7001
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:6001(5000) ack 9001
            injected  .   1001:2001(1000) ack 7001           // the SYN-ACK's own window is not scaled
            relayed   .   7001:7001(0)   ack 2001   win 1000
            injected  .   2001:3001(1000) ack 7001
            injected  .   3001:4001(1000) ack 7001
            """)
    }

    @Test func `data in the client's SYN is its first bytes`() {
        PacketScript.run(
            """
            captured  S   1000:1100(100)            win 64240 <mss 1460>
            injected  S   1000:1000(0)              win 65535 <mss 1460>
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  P.  1001:1101(100) ack 7001   bytes 1000    // the script's pattern starts at the SYN
            captured  .   1101:1101(0)   ack 9001
            relayed   P.  7001:7301(300) ack 1101   win 500
            captured  .   1101:1101(0)   ack 9301
            captured  P.  1101:1201(100) ack 9301
            injected  P.  1101:1201(100) ack 7301
            ledger    captured 2 answered 1 inFlight 1
            """)
    }

    @Test func `ECN is not offered to the target, whose marks count for nothing`() {
        PacketScript.run(
            """
            captured  SEW 1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            captured  .   1001:1001(0)   ack 9001
            captured  PW. 1001:1101(100) ack 9001
            injected  P.  1001:1101(100) ack 7001
            relayed   PE. 7001:7301(300) ack 1101   win 65160
            ledger    answered 1
            +50ms
            injected  .   1101:1101(0)   ack 7301
            """)
    }

    @Test func `urgent data passes as the bytes it is`() {
        PacketScript.run(
            handshake + """
                captured  UP. 1001:1101(100) ack 9001   urg 100
                injected  P.  1001:1101(100) ack 7001
                """)
    }

    @Test func `the MSS offered for a session joined in mid-stream is the one that was asked for`() {
        PacketScript.run(
            """
            captured  P.  1001:1101(100) ack 9001
            injected  S   132073:132073(0)          win 65535 <mss 1000,sackOK,wscale 7>
            """, settings: PacketScript.settings { $0.maximumSegmentSize = 1000 })
    }
}
