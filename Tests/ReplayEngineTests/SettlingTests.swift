import Testing

@testable import ReplayEngine

/// What is on its way when its session is shed.
@Suite struct SettlingTests {
    /// A request is on its way, and more than may wait has come behind it.
    private static let shedding =
        handshake + """
            captured  P.  1001:1101(100) ack 9001
            injected  P.  1001:1101(100) ack 7001
            captured  P.  1101:11101(10000) ack 9301
            captured  P.  11101:21101(10000) ack 9301
            event     targetProven
            event     sessionShed backlog
            ledger    shed.backlog 1 inFlight 1

            """

    private static func run(_ text: String) {
        PacketScript.run(
            text,
            settings: PacketScript.settings {
                $0.backlogLimit = 15_000
                $0.sessionTimeout = .seconds(10)
                $0.idleTimeout = .seconds(20)
            })
    }

    @Test func `it is sent again when it is lost, and counts as answered when it is`() {
        Self.run(
            Self.shedding + """
                +210ms
                injected  P.  1001:1101(100) ack 7001
                relayed   P.  7001:7301(300) ack 1101   win 500
                ledger    answered 1 shed.backlog 1 inFlight 0
                captured  F.  21101:21101(0) ack 9601
                +50ms
                injected  .   1101:1101(0)   ack 7301
                +200ms
                injected  R   1101:1101(0)
                +1100ms
                sessions  0
                payload   0
                """)
    }

    @Test func `an answer in pieces is waited for before the connection is closed`() {
        Self.run(
            Self.shedding + """
                relayed   .   7001:7301(300) ack 1101   win 500
                +150ms
                injected  .   1101:1101(0)   ack 7301
                relayed   P.  7301:7601(300) ack 1101   win 500
                +150ms
                injected  .   1101:1101(0)   ack 7601
                +100ms
                injected  R   1101:1101(0)
                ledger    answered 1
                """)
    }

    @Test func `a target that resets, closes or falls silent fails it for that reason`() {
        Self.run(
            Self.shedding + """
                relayed   R.  7001:7001(0)   ack 1101   win 0
                ledger    failed.resetByTarget 1 shed.backlog 1 inFlight 0
                """)
        Self.run(
            Self.shedding + """
                relayed   F.  7001:7001(0)   ack 1101   win 500
                injected  R   1101:1101(0)
                ledger    failed.closedByTarget 1 shed.backlog 1 inFlight 0
                """)
        Self.run(
            Self.shedding + """
                relayed   .   7001:7001(0)   ack 1101   win 500
                +10010ms
                injected  R   1101:1101(0)
                ledger    failed.answerTimeout 1 shed.backlog 1 inFlight 0
                """)
    }

    @Test func `a client that closes without an answer expects none, and the target has taken it all`() {
        Self.run(
            handshake + """
                captured  P.  1001:13001(12000) ack 9001
                injected  .   1001:2461(1460) ack 7001
                injected  .   2461:3921(1460) ack 7001
                injected  .   3921:5381(1460) ack 7001
                injected  .   5381:6841(1460) ack 7001
                injected  .   6841:8301(1460) ack 7001
                injected  .   8301:9761(1460) ack 7001
                injected  .   9761:11221(1460) ack 7001
                injected  .   11221:12681(1460) ack 7001
                injected  P.  12681:13001(320) ack 7001
                captured  P.  13001:17001(4000) ack 9001
                injected  .   13001:14461(1460) ack 7001
                event     targetProven
                event     sessionShed backlog
                captured  F.  17001:17001(0) ack 9001
                relayed   .   7001:7001(0)   ack 14461  win 65160
                injected  .   14461:15921(1460) ack 7001
                injected  P.  15921:17001(1080) ack 7001
                ledger    answered 0 shed 0 inFlight 1
                relayed   .   7001:7001(0)   ack 17001  win 65160
                ledger    answered 1 shed 0 inFlight 0
                +201ms
                injected  R   17001:17001(0)
                """)
    }

    @Test func `the client goes on with it: then it can't be answered, and is shed`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1101:13101(12000) ack 9001
                injected  R   1101:1101(0)
                event     targetProven
                event     sessionShed memory
                payload   0
                ledger    captured 1 shed.memory 1 inFlight 0 sessions.shed.memory 1
                """, settings: PacketScript.settings { $0.memoryLimit = 16 * 1024 })
    }

    @Test func `a newer session with nothing to give back but what is on its way is left alone`() {
        PacketScript.run(
            """
            captured@39999  S   5000:5000(0)           win 64240 <mss 1460>
            injected@39999  S   5000:5000(0)
            relayed@39999   S.  2000:2000(0) ack 5001  win 0 <mss 1460>
            injected@39999  .   5001:5001(0) ack 2001

            """ + handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                event     targetProven
                captured@39999  P.  5001:25001(20000) ack 3001
                injected@39999  R   5001:5001(0)
                event     sessionShed memory
                ledger    shed.memory 1 inFlight 1
                relayed   P.  7001:7301(300) ack 1101   win 500
                captured  P.  1101:1201(100) ack 9301
                injected  P.  1101:1201(100) ack 7301
                """, settings: PacketScript.settings { $0.memoryLimit = 20_000 })
    }

    @Test func `its port is used again: it is waited for a while, as any other`() {
        Self.run(
            Self.shedding + """
                relayed   .   7001:7001(0)   ack 1101   win 500
                captured  S   700000:700000(0)          win 64240 <mss 1460>
                +4900ms
                ledger    inFlight 1
                +200ms
                injected  R   1101:1101(0)
                injected  S   700000:700000(0)
                ledger    failed.answerTimeout 1 inFlight 0
                """)
    }

    @Test func `a large one that has hardly been sent is given up, and its memory is free at once`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 1000 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            event     targetProven
            captured  .   1001:41001(40000) ack 9001
            injected  .   1001:2001(1000) ack 7001
            captured  .   41001:81001(40000) ack 9001
            captured  .   81001:121001(40000) ack 9001
            injected  R   2001:2001(0)
            event     sessionShed backlog
            payload   0
            ledger    shed.backlog 1 inFlight 0
            """, settings: PacketScript.settings { $0.backlogLimit = 100_000 })
    }
}
