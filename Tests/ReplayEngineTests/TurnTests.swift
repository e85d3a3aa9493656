import Testing

@testable import ReplayEngine

/// When the next exchange may go.
@Suite struct TurnTests {
    @Test func `the next exchange waits until the answer is as long as it was online`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  .   1101:1101(0)   ack 9301
                captured  P.  1101:1201(100) ack 9301
                relayed   .   7001:7001(0)   ack 1101   win 500
                +3s                                               // acknowledged is not answered
                relayed   .   7001:7201(200) ack 1101   win 500
                relayed   P.  7201:7301(100) ack 1101   win 500
                injected  P.  1101:1201(100) ack 7301
                ledger    captured 2 answered 1 inFlight 1 releasedUnanswered 0
                """)
    }

    @Test func `the next exchange waits until the one before is acknowledged`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1101:1201(100) ack 9301
                relayed   P.  7001:7301(300) ack 1001   win 500   // an answer before the whole question
                +50ms
                injected  .   1101:1101(0)   ack 7301
                relayed   .   7301:7301(0)   ack 1101   win 500
                injected  P.  1101:1201(100) ack 7301
                """)
    }

    @Test func `a shorter answer that ends with PSH is trusted after a short quiet`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1101:1201(100) ack 9301
                relayed   P.  7001:7201(200) ack 1101   win 500
                +10ms
                +15ms
                injected  P.  1101:1201(100) ack 7201
                ledger    answered 1 releasedUnanswered 0
                """)
    }

    @Test func `a shorter answer that ends with PSH is trusted at once where PSH has proven to end answers`() {
        var script = handshake
        for index in 0..<16 {
            script += """
                captured  P.  \(1001 + 100 * index):\(1101 + 100 * index)(100) ack \(9001 + 300 * index)
                injected  P.  \(1001 + 100 * index):\(1101 + 100 * index)(100) ack \(7001 + 300 * index)
                relayed   P.  \(7001 + 300 * index):\(7301 + 300 * index)(300) ack \(1101 + 100 * index) win 500

                """
        }
        PacketScript.run(
            script + """
                captured  P.  2601:2701(100) ack 13801
                injected  P.  2601:2701(100) ack 11801
                captured  P.  2701:2801(100) ack 14101
                relayed   P.  11801:12001(200) ack 2701 win 500
                injected  P.  2701:2801(100) ack 12001
                ledger    answered 17 releasedUnanswered 0
                """)
    }

    @Test func `where PSH came before the answer's end it proves nothing`() {
        var script = handshake
        for index in 0..<16 {
            script += """
                captured  P.  \(1001 + 100 * index):\(1101 + 100 * index)(100) ack \(9001 + 300 * index)
                injected  P.  \(1001 + 100 * index):\(1101 + 100 * index)(100) ack \(7001 + 300 * index)
                relayed   P.  \(7001 + 300 * index):\(7101 + 300 * index)(100) ack \(1101 + 100 * index) win 500
                relayed   P.  \(7101 + 300 * index):\(7301 + 300 * index)(200) ack \(1101 + 100 * index) win 500

                """
        }
        PacketScript.run(
            script + """
                captured  P.  2601:2701(100) ack 13801
                injected  P.  2601:2701(100) ack 11801
                captured  P.  2701:2801(100) ack 14101
                relayed   P.  11801:12001(200) ack 2701 win 500
                +500us
                +25ms
                injected  P.  2701:2801(100) ack 12001
                """)
    }

    @Test func `a shorter answer without PSH is trusted after a longer quiet, and that is counted`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1101:1201(100) ack 9301
                relayed   .   7001:7201(200) ack 1101   win 500
                +39ms
                +62ms
                injected  .   1101:1101(0)   ack 7201
                injected  P.  1101:1201(100) ack 7201
                ledger    answered 1 releasedUnanswered 1
                """)
    }

    @Test func `a shorter answer of which a header was missed is not trusted for its PSH`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1101:1201(100) ack 9801
                relayed   P.  7101:7201(100) ack 1101   win 500   // 7001:7101 was missed
                injected  .   1101:1101(0)   ack 7201
                +30ms
                +75ms
                injected  P.  1101:1201(100) ack 7201
                ledger    releasedUnanswered 1
                """)
    }

    @Test func `an answer of which nothing comes is waited for five seconds, the next only for the quiet`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1101:1201(100) ack 9301
                captured  P.  1201:1301(100) ack 9601
                relayed   .   7001:7001(0)   ack 1101   win 500
                +4990ms
                +20ms
                injected  P.  1101:1201(100) ack 7001
                relayed   .   7001:7001(0)   ack 1201   win 500
                +90ms
                +20ms
                injected  P.  1201:1301(100) ack 7001
                ledger    answered 0 inFlight 3 releasedUnanswered 2
                """)
    }

    @Test func `with --no-wait nothing is waited for`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7001
                captured  P.  1201:1301(100) ack 9601
                injected  P.  1201:1301(100) ack 7001
                ledger    inFlight 3 releasedUnanswered 0
                """, settings: PacketScript.settings { $0.waitsForAnswers = false })
    }

    @Test func `requests that the client pipelines go together`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1101:1201(100) ack 9001
                injected  P.  1101:1201(100) ack 7001
                captured  P.  1201:1301(100) ack 9001
                injected  P.  1201:1301(100) ack 7001
                relayed   P.  7001:7901(900) ack 1301   win 500
                ledger    captured 1 answered 1
                +50ms
                injected  .   1301:1301(0)   ack 7901
                """)
    }

    @Test func `pipelined exchanges keep the distance that they had online`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1201(200) ack 9001
                injected  P.  1001:1201(200) ack 7001
                captured  P.  1201:1301(100) ack 9301             // heard one answer of two
                captured  P.  1301:1401(100) ack 9601
                relayed   P.  7001:7301(300) ack 1201   win 500
                injected  P.  1201:1301(100) ack 7301
                relayed   P.  7301:7601(300) ack 1301   win 500
                injected  P.  1301:1401(100) ack 7601
                ledger    captured 3 answered 2 inFlight 1
                """)
    }

    @Test func `a server that speaks first is waited for`() {
        PacketScript.run(
            handshake + """
                captured  .   1001:1001(0)   ack 9051
                captured  P.  1001:1021(20)  ack 9051
                +1s
                relayed   P.  7001:7051(50)  ack 1001   win 500
                injected  P.  1001:1021(20)  ack 7051
                relayed   P.  7051:7101(50)  ack 1021   win 500
                captured  P.  1021:1041(20)  ack 9101
                injected  P.  1021:1041(20)  ack 7101
                ledger    captured 2 answered 1 inFlight 1 releasedUnanswered 0
                """)
    }

    @Test func `a stream in both directions flows through`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   P.  7001:7101(100) ack 1101   win 500
                captured  P.  1101:1201(100) ack 9101
                injected  P.  1101:1201(100) ack 7101
                captured  P.  1201:1301(100) ack 9101             // says on, without hearing
                injected  P.  1201:1301(100) ack 7101
                relayed   P.  7101:7201(100) ack 1301   win 500
                captured  P.  1301:1401(100) ack 9301             // the server had said more
                relayed   P.  7201:7301(100) ack 1301   win 500
                injected  P.  1301:1401(100) ack 7301
                """)
    }
}
