import Testing

@testable import ReplayEngine

/// The client's end as a sender: cutting, windows, retransmission.
@Suite struct SendingTests {
    /// A connection whose target takes 1000 bytes a segment, in a window of `window` bytes.
    private static func connection(window: Int = 60000, options: String = "") -> String {
        """
        captured  S   1000:1000(0)              win 64240 <mss 1000\(options)>
        injected  S   1000:1000(0)
        relayed   S.  7000:7000(0)   ack 1001   win \(window) <mss 1000\(options)>
        injected  .   1001:1001(0)   ack 7001
        captured  .   1001:1001(0)   ack 9001

        """
    }

    @Test func `a super-segment of 64 KiB is cut to the target's MSS and to the congestion window`() {
        var script = Self.connection() + "captured P. 1001:66401(65400) ack 9001\n"
        for start in stride(from: 1001, to: 11001, by: 1000) {
            script += "injected . \(start):\(start + 1000)(1000) ack 7001\n"
        }
        script += "relayed . 7001:7001(0) ack 3001 win 60000\n"
        for start in stride(from: 11001, to: 15001, by: 1000) {
            script += "injected . \(start):\(start + 1000)(1000) ack 7001\n"
        }
        PacketScript.run(script)
    }

    @Test func `the last segment of what there is to say carries PSH`() {
        PacketScript.run(
            Self.connection() + """
                captured  .   1001:2501(1500) ack 9001
                injected  .   1001:2001(1000) ack 7001
                injected  P.  2001:2501(500)  ack 7001
                """)
    }

    @Test func `no more goes than the window takes, and small rests wait for a full segment`() {
        PacketScript.run(
            Self.connection(window: 2500) + """
                captured  P.  1001:6001(5000) ack 9001
                injected  .   1001:2001(1000)
                injected  .   2001:3001(1000)
                relayed   .   7001:7001(0)   ack 2001   win 2500
                injected  .   3001:4001(1000)
                relayed   .   7001:7001(0)   ack 4001   win 800
                injected  .   4001:4801(800)
                relayed   .   7001:7001(0)   ack 4801   win 5000
                injected  .   4801:5801(1000)
                injected  P.  5801:6001(200)
                """)
    }

    @Test func `a window update lets more go`() {
        PacketScript.run(
            Self.connection(window: 1000) + """
                captured  P.  1001:3001(2000) ack 9001
                injected  .   1001:2001(1000)
                relayed   .   7001:7001(0)   ack 1001   win 2000
                injected  P.  2001:3001(1000)
                """)
    }

    @Test func `a header that comes late does not change the window`() {
        PacketScript.run(
            Self.connection(window: 1000) + """
                captured  P.  1001:4001(3000) ack 9001
                injected  .   1001:2001(1000)
                relayed   P.  7101:7201(100) ack 2001   win 1000
                injected  .   2001:3001(1000) ack 7201
                relayed   P.  7001:7101(100) ack 2001   win 60000  // sent before, with another window
                injected  .   3001:3001(0)   ack 7201
                relayed   .   7201:7201(0)   ack 3001   win 1000
                injected  P.  3001:4001(1000) ack 7201
                """)
    }

    @Test func `a closed window is probed with one byte, ever more rarely, and what was refused goes again`() {
        PacketScript.run(
            Self.connection(window: 1000) + """
                captured  P.  1001:3001(2000) ack 9001
                injected  .   1001:2001(1000)
                relayed   .   7001:7001(0)   ack 2001   win 0
                +190ms
                +20ms
                injected  P.  2001:2002(1)   ack 7001
                relayed   .   7001:7001(0)   ack 2001   win 0
                +390ms
                +20ms
                injected  P.  2001:2002(1)   ack 7001
                relayed   .   7001:7001(0)   ack 2001   win 0
                +770ms
                +20ms
                injected  P.  2001:2002(1)   ack 7001
                relayed   .   7001:7001(0)   ack 2001   win 5000
                injected  P.  2001:3001(1000) ack 7001
                +190ms
                +20ms
                injected  P.  2001:3001(1000) ack 7001             // the back-off was the probes'
                """)
    }

    @Test func `a probe that the target takes is not sent again`() {
        PacketScript.run(
            Self.connection(window: 1000) + """
                captured  P.  1001:3001(2000) ack 9001
                injected  .   1001:2001(1000)
                relayed   .   7001:7001(0)   ack 2001   win 0
                +210ms
                injected  P.  2001:2002(1)   ack 7001
                relayed   .   7001:7001(0)   ack 2002   win 5000
                injected  P.  2002:3001(999) ack 7001
                """)
    }

    @Test func `a window that closes over bytes on their way is probed at the first of them`() {
        PacketScript.run(
            Self.connection(window: 2000) + """
                captured  P.  1001:3001(2000) ack 9001
                injected  .   1001:2001(1000)
                injected  P.  2001:3001(1000)
                relayed   .   7001:7001(0)   ack 2001   win 0      // the second was lost
                +210ms
                injected  P.  2001:2002(1)   ack 7001
                relayed   P.  7001:7101(100) ack 2002   win 0
                +50ms
                injected  .   2002:2002(0)   ack 7101              // within the window, such as it is
                relayed   .   7101:7101(0)   ack 2002   win 2000
                injected  P.  2002:3001(999) ack 7101
                """)
    }

    @Test func `what is not acknowledged goes again after the time-out, doubled each time, then on from there`() {
        PacketScript.run(
            Self.connection() + """
                captured  P.  1001:4001(3000) ack 9001
                injected  .   1001:2001(1000)
                injected  .   2001:3001(1000)
                injected  P.  3001:4001(1000)
                +190ms
                +20ms
                injected  .   1001:2001(1000)
                +390ms
                +20ms
                injected  .   1001:2001(1000)
                relayed   .   7001:7001(0)   ack 2001   win 60000
                injected  .   2001:3001(1000)
                injected  P.  3001:4001(1000)
                relayed   .   7001:7001(0)   ack 4001   win 60000
                ledger    retransmissions 4
                """)
    }

    @Test func `after a time-out nothing goes again that the target is known to hold`() {
        PacketScript.run(
            Self.connection(options: ",sackOK") + """
                captured  P.  1001:5001(4000) ack 9001
                injected  .   1001:2001(1000)
                injected  .   2001:3001(1000)
                injected  .   3001:4001(1000)
                injected  P.  4001:5001(1000)
                +210ms
                injected  .   1001:2001(1000)
                relayed   .   7001:7001(0)   ack 2001   win 60000 <sack 3001:5001>
                injected  .   2001:3001(1000)
                relayed   .   7001:7001(0)   ack 5001   win 60000
                """)
    }

    @Test func `three duplicate acknowledgements send the first missing segment at once`() {
        PacketScript.run(
            Self.connection() + """
                captured  P.  1001:5001(4000) ack 9001
                injected  .   1001:2001(1000)
                injected  .   2001:3001(1000)
                injected  .   3001:4001(1000)
                injected  P.  4001:5001(1000)
                relayed   .   7001:7001(0)   ack 1001   win 60000
                relayed   .   7001:7001(0)   ack 1001   win 60000
                relayed   .   7001:7001(0)   ack 1001   win 60000
                injected  P.  1001:2001(1000)
                relayed   .   7001:7001(0)   ack 5001   win 60000
                ledger    retransmissions 1
                """)
    }

    @Test func `a partial acknowledgement sends the next missing segment`() {
        PacketScript.run(
            Self.connection() + """
                captured  P.  1001:6001(5000) ack 9001
                injected  .   1001:2001(1000)
                injected  .   2001:3001(1000)
                injected  .   3001:4001(1000)
                injected  .   4001:5001(1000)
                injected  P.  5001:6001(1000)
                relayed   .   7001:7001(0)   ack 1001   win 60000
                relayed   .   7001:7001(0)   ack 1001   win 60000
                relayed   .   7001:7001(0)   ack 1001   win 60000
                injected  P.  1001:2001(1000)
                relayed   .   7001:7001(0)   ack 3001   win 60000
                injected  P.  3001:4001(1000)
                relayed   .   7001:7001(0)   ack 6001   win 60000
                """)
    }

    @Test func `with SACK exactly the reported holes go again`() {
        PacketScript.run(
            Self.connection(options: ",sackOK") + """
                captured  P.  1001:7001(6000) ack 9001
                injected  .   1001:2001(1000)
                injected  .   2001:3001(1000)
                injected  .   3001:4001(1000)
                injected  .   4001:5001(1000)
                injected  .   5001:6001(1000)
                injected  P.  6001:7001(1000)
                relayed   .   7001:7001(0)   ack 1001   win 60000 <sack 2001:3001>
                relayed   .   7001:7001(0)   ack 1001   win 60000 <sack 4001:5001,sack 2001:3001>
                relayed   .   7001:7001(0)   ack 1001   win 60000 <sack 4001:6001,sack 2001:3001>
                injected  P.  1001:2001(1000)
                relayed   .   7001:7001(0)   ack 1001   win 60000 <sack 4001:7001,sack 2001:3001>
                injected  P.  3001:4001(1000)
                relayed   .   7001:7001(0)   ack 7001   win 60000
                ledger    retransmissions 2
                """)
    }

    @Test func `duplicates that a time-out's own retransmissions cause are not taken for loss`() {
        PacketScript.run(
            Self.connection() + """
                captured  P.  1001:4001(3000) ack 9001
                injected  .   1001:2001(1000)
                injected  .   2001:3001(1000)
                injected  P.  3001:4001(1000)
                +210ms                                             // the acknowledgements were missed
                injected  .   1001:2001(1000)
                relayed   .   7001:7001(0)   ack 2001   win 60000
                injected  .   2001:3001(1000)
                injected  P.  3001:4001(1000)
                relayed   .   7001:7001(0)   ack 2001   win 60000
                relayed   .   7001:7001(0)   ack 2001   win 60000
                relayed   .   7001:7001(0)   ack 2001   win 60000
                relayed   .   7001:7001(0)   ack 4001   win 60000
                """)
    }

    @Test func `an acknowledgement of bytes never sent is not believed`() {
        PacketScript.run(
            Self.connection() + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100)
                relayed   P.  7001:7101(100) ack 1102   win 60000
                injected  .   1101:1101(0)   ack 7001
                ledger    answered 0
                """)
    }
}
