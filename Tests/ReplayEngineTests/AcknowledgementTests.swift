import Testing

@testable import ReplayEngine

/// The client's end as a receiver.
@Suite struct AcknowledgementTests {
    @Test func `an answer is acknowledged after 40 ms, or with the next bytes`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   P.  7001:7301(300) ack 1101   win 500
                +39ms
                +2ms
                injected  .   1101:1101(0)   ack 7301   win 65535
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                relayed   P.  7301:7601(300) ack 1201   win 500
                +20ms
                captured  P.  1201:1301(100) ack 9601
                injected  P.  1201:1301(100) ack 7601
                +100ms
                """)
    }

    @Test func `every second full segment is acknowledged at once`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   .   7001:8461(1460) ack 1101  win 500
                relayed   .   8461:9921(1460) ack 1101  win 500
                injected  .   1101:1101(0)   ack 9921
                """)
    }

    @Test func `a header that the assistant missed stalls nothing`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   P.  8461:9921(1460) ack 1101  win 500
                injected  .   1101:1101(0)   ack 9921
                relayed   .   7001:8461(1460) ack 1101  win 500  // came late: acknowledged again
                injected  .   1101:1101(0)   ack 9921
                """)
    }

    @Test func `a keep-alive probe of the target's is answered`() {
        PacketScript.run(
            firstExchange + """
                +60s
                relayed   .   7300:7300(0)   ack 1101   win 500
                injected  .   1101:1101(0)   ack 7301
                +75s
                relayed   .   7300:7301(1)   ack 1101   win 500
                injected  .   1101:1101(0)   ack 7301
                """)
    }

    @Test func `a SYN-ACK that the target repeats is acknowledged again`() {
        PacketScript.run(
            handshake + """
                relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460,sackOK,wscale 7>
                injected  .   1001:1001(0)   ack 7001
                """)
    }

    @Test func `acknowledgements come as late as the client's were, from its handshake`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            +80ms
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:1101(100) ack 9001
            injected  P.  1001:1101(100) ack 7001
            relayed   .   7001:8461(1460) ack 1101  win 500
            relayed   .   8461:9921(1460) ack 1101  win 500
            +78ms
            +3ms
            injected  .   1101:1101(0)   ack 9921
            """)
    }

    @Test func `with -R acknowledgements come as late as was asked for`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   P.  7001:7301(300) ack 1101   win 500
                +198ms
                +3ms
                injected  .   1101:1101(0)   ack 7301
                """, settings: PacketScript.settings { $0.acknowledgementDelay = .milliseconds(200) })
    }

    @Test func `a RST with a number of another connection is not believed`() {
        PacketScript.run(
            firstExchange + """
                relayed   R   4000000000:4000000000(0) win 0
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                """)
    }
}
