import Testing

@testable import ReplayEngine

/// What capture makes of a client's segments.
@Suite struct CaptureTests {
    @Test func `swapped segments go in order`() {
        PacketScript.run(
            handshake + """
                captured  P.  1101:1201(100) ack 9001
                captured  .   1001:1101(100) ack 9001
                injected  P.  1001:1201(200) ack 7001
                ledger    captured 1
                payload   2048
                """)
    }

    @Test func `repeated and overlapping segments go once`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1001:1101(100) ack 9001
                captured  P.  1051:1151(100) ack 9001
                injected  P.  1101:1151(50)  ack 7001
                captured  .   1001:1051(50)  ack 9001
                captured  P.  1001:1201(200) ack 9001
                injected  P.  1151:1201(50)  ack 7001
                ledger    captured 1
                """)
    }

    @Test func `a hole that the client fills is no hole`() {
        PacketScript.run(
            handshake + """
                captured  P.  1201:1301(100) ack 9001
                captured  P.  1401:1501(100) ack 9001
                +300ms
                captured  .   1001:1201(200) ack 9001
                injected  P.  1001:1301(300) ack 7001
                +300ms
                injected  P.  1001:1301(300) ack 7001
                captured  .   1301:1401(100) ack 9001
                injected  P.  1301:1501(200) ack 7001
                ledger    captured 1 failed 0
                """)
    }

    @Test func `a keep-alive probe of the client's is no part of the stream`() {
        PacketScript.run(
            firstExchange + """
                captured  .   1100:1100(0)   ack 9301
                captured  .   1100:1101(1)   ack 9301
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                ledger    captured 2
                """)
    }

    @Test func `a SYN seen again in the middle changes nothing`() {
        PacketScript.run(
            firstExchange + """
                captured  S   1000:1000(0)              win 64240 <mss 1460,sackOK,wscale 7>
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                ledger    sessions.captured 1
                """)
    }

    @Test func `a SYN that its connection's first bytes overtook begins no other session`() {
        PacketScript.run(
            """
            captured  P.  1001:1101(100) ack 9001
            injected  S   132073:132073(0)
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            captured  .   1001:1001(0)   ack 9001
            relayed   S.  3000:3000(0)   ack 132074 win 500 <mss 1460>
            injected  P.  132074:132174(100) ack 3001 bytes 1001
            ledger    captured 1 sessions.captured 1
            """)
    }

    @Test func `a segment without ACK is dropped, as the server drops it`() {
        PacketScript.run(
            handshake + """
                captured  P   1001:1101(100)
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                """)
    }

    @Test func `a FIN that overtakes its data waits for it`() {
        PacketScript.run(
            handshake + """
                captured  F.  1101:1101(0)   ack 9001
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                injected  F.  1101:1101(0)   ack 7001
                """)
    }

    @Test func `sequence numbers wrap within a stream`() {
        PacketScript.run(
            """
            captured  S   4294967200:4294967200(0)  win 64240 <mss 1460>
            injected  S   4294967200:4294967200(0)
            relayed   S.  4294967295:4294967295(0) ack 4294967201 win 65160 <mss 1460>
            injected  .   4294967201:4294967201(0) ack 0
            captured  .   4294967201:4294967201(0) ack 4294967000
            captured  P.  4294967201:5(100) ack 4294967000
            injected  P.  4294967201:5(100) ack 0
            relayed   P.  0:300(300)     ack 5      win 500
            captured  P.  5:105(100)     ack 4
            injected  P.  5:105(100)     ack 300
            ledger    captured 2 answered 1
            """)
    }

    @Test func `what concerns no session is counted and ignored`() {
        PacketScript.run(
            """
            captured  .   1001:1001(0)   ack 9001
            captured  F.  1001:1001(0)   ack 9001
            captured  R   1001:1001(0)
            captured  S.  1001:1001(0)   ack 9001
            relayed   .   7001:7001(0)   ack 1001
            ledger    strays 4 unknownResponses 1 sessions.captured 0
            sessions  0
            """)
    }

    @Test func `a session joined in mid-stream goes on over a connection of its own`() {
        PacketScript.run(
            """
            captured  P.  1001:1101(100) ack 9001   <TS val 5 ecr 6>
            injected  S   132073:132073(0)          win 65535 <mss 1460,sackOK,wscale 7,TS val 1000000 ecr 0>
            relayed   S.  3000:3000(0)   ack 132074 win 500 <mss 1460>
            injected  P.  132074:132174(100) ack 3001 bytes 1001
            relayed   P.  3001:3301(300) ack 132174 win 500
            captured  P.  1101:1201(100) ack 9301
            injected  P.  132174:132274(100) ack 3301 bytes 1101
            ledger    captured 2 answered 1 reopenings 0
            """)
    }
}

/// A session that was open before tcpcopy started.
@Suite struct JoiningTests {
    @Test func `right after the start the first bytes may be a rest, so the next exchange is the first`() {
        PacketScript.run(
            """
            captured  .   1001:2461(1460) ack 9001
            captured  P.  2461:2561(100) ack 9001
            captured  P.  2561:2661(100) ack 9301
            injected  S   132073:132073(0)
            relayed   S.  3000:3000(0)   ack 132074 win 500 <mss 1460>
            injected  P.  132074:132174(100) ack 3001 bytes 2561
            ledger    captured 2 inFlight 1 failed.joinedMidway 1
            """, startedAt: .seconds(1000))
    }

    @Test func `right after the start a short write that ends with PSH is an exchange of its own`() {
        PacketScript.run(
            """
            captured  P.  1001:1101(100) ack 9001
            injected  S   132073:132073(0)
            relayed   S.  3000:3000(0)   ack 132074 win 500 <mss 1460>
            injected  P.  132074:132174(100) ack 3001 bytes 1001
            ledger    captured 1 inFlight 1 failed 0
            """, startedAt: .seconds(1000))
    }

    @Test func `a rest that nothing follows opens no connection`() {
        PacketScript.run(
            """
            captured  .   1001:2461(1460) ack 9001
            captured  F.  2461:2461(0)   ack 9301
            ledger    captured 1 failed.joinedMidway 1 sessions.captured 1 sessions.inFlight 0
            +1100ms
            sessions  0
            """, startedAt: .seconds(1000))
    }
}
