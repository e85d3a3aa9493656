import Testing
import Wire

@testable import ReplayEngine

/// Time-outs and memory.
@Suite struct LimitTests {
    @Test func `a target that falls silent has failed the exchange after the session time-out`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  .   1101:1101(0)   ack 9301
                relayed   .   7001:7001(0)   ack 1101   win 500
                +9990ms
                ledger    inFlight 1
                +20ms
                injected  R   1101:1101(0)
                ledger    failed.answerTimeout 1 inFlight 0 sessions.inFlight 1
                captured  P.  1101:1201(100) ack 9301
                injected  S   132173:132173(0)
                """, settings: PacketScript.settings { $0.sessionTimeout = .seconds(10) })
    }

    @Test func `a client that only tells, and is told nothing, is not waited on for an answer`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                relayed   .   7001:7001(0)   ack 1101   win 500
                +15s
                captured  P.  1101:1201(100) ack 9001
                injected  P.  1101:1201(100) ack 7001
                relayed   .   7001:7001(0)   ack 1201   win 500
                +20100ms
                injected  R   1201:1201(0)
                ledger    captured 1 answered 1 sessions.answered 1
                captured  P.  1201:1301(100) ack 9001
                injected  S   263345:263345(0)
                ledger    captured 2 inFlight 1
                """,
            settings: PacketScript.settings {
                $0.sessionTimeout = .seconds(10)
                $0.idleTimeout = .seconds(20)
            })
    }

    @Test func `an idle session is kept for the idle time-out`() {
        PacketScript.run(
            firstExchange + """
                +9900ms
                sessions  1
                +200ms
                injected  R   1101:1101(0)
                ledger    answered 1 sessions.answered 1
                +1100ms
                sessions  0
                """, settings: PacketScript.settings { $0.idleTimeout = .seconds(10) })
    }

    @Test func `a client that goes on after the idle time-out is a new session`() {
        PacketScript.run(
            firstExchange + """
                +10100ms
                injected  R   1101:1101(0)
                captured  P.  1101:1201(100) ack 9301
                injected  S   263245:263245(0)
                ledger    captured 2 answered 1 inFlight 1 sessions.captured 2
                """, settings: PacketScript.settings { $0.idleTimeout = .seconds(10) })
    }

    @Test func `a handshake that is never answered is given up, and the next exchange tries again`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:1101(100) ack 9001
            +1010ms
            injected  S   1000:1000(0)
            +2s
            injected  S   1000:1000(0)
            +4s
            injected  S   1000:1000(0)
            +8s
            injected  S   1000:1000(0)
            +16s
            injected  S   1000:1000(0)
            +32s
            injected  S   1000:1000(0)
            +60s
            injected  R   1001:1001(0)
            ledger    failed.handshakeTimeout 1 inFlight 0
            captured  P.  1101:1201(100) ack 9301
            injected  S   132073:132073(0)
            relayed   S.  7000:7000(0)   ack 132074 win 65160 <mss 1460>
            injected  P.  132074:132174(100) ack 7001 bytes 1101
            """)
    }

    @Test func `a refused exchange fails, the next one tries again`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            relayed   R.  0:0(0)         ack 1001   win 0
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:1101(100) ack 9001
            injected  S   132073:132073(0)
            relayed   R.  0:0(0)         ack 132074 win 0
            ledger    failed.refusedByTarget 1
            captured  P.  1101:1201(100) ack 9301
            injected  S   263146:263146(0)
            relayed   S.  7000:7000(0)   ack 263147 win 65160 <mss 1460>
            injected  P.  263147:263247(100) ack 7001 bytes 1101
            relayed   P.  7001:7301(300) ack 263247 win 500
            captured  F.  1201:1201(0)   ack 9601
            injected  F.  263247:263247(0) ack 7301
            relayed   F.  7301:7301(0)   ack 263248 win 500
            injected  .   263248:263248(0) ack 7302
            ledger    captured 2 answered 1 failed 1 sessions.answered 1
            """)
    }

    @Test func `a target that refuses eight times is tried once a second, and served again when it is back`() {
        PacketScript.run(
            """
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            relayed   R.  0:0(0)         ack 1001   win 0
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:1101(100) ack 9001
            injected  S   132073:132073(0)
            relayed   R.  0:0(0)         ack 132074 win 0
            captured  P.  1101:1201(100) ack 9301
            injected  S   263146:263146(0)
            relayed   R.  0:0(0)         ack 263147 win 0
            captured  P.  1201:1301(100) ack 9601
            injected  S   394219:394219(0)
            relayed   R.  0:0(0)         ack 394220 win 0
            captured  P.  1301:1401(100) ack 9901
            injected  S   525292:525292(0)
            relayed   R.  0:0(0)         ack 525293 win 0
            captured  P.  1401:1501(100) ack 10201
            injected  S   656365:656365(0)
            relayed   R.  0:0(0)         ack 656366 win 0
            captured  P.  1501:1601(100) ack 10501
            injected  S   787438:787438(0)
            relayed   R.  0:0(0)         ack 787439 win 0
            captured  P.  1601:1701(100) ack 10801
            injected  S   918511:918511(0)
            relayed   R.  0:0(0)         ack 918512 win 0
            captured  P.  1701:1801(100) ack 11101            // the ninth within a moment: not tried
            ledger    failed.refusedByTarget 8 inFlight 0 reopenings 7
            +1s
            captured  P.  1801:1901(100) ack 11401
            injected  S   1049584:1049584(0)
            relayed   S.  7000:7000(0)   ack 1049585 win 65160 <mss 1460>
            injected  P.  1049585:1049685(100) ack 7001 bytes 1801
            relayed   P.  7001:7301(300) ack 1049685 win 500
            ledger    captured 9 answered 1 failed 8 inFlight 0
            """)
    }

    @Test func `beyond the memory that is allowed a session is shed whole, and said so once`() {
        PacketScript.run(
            """
            captured@40001  S 1000:1000(0)           win 64240 <mss 1460>
            injected@40001  S 1000:1000(0)
            captured@40001  P. 1001:10001(9000) ack 9001
            captured@40002  S 1000:1000(0)           win 64240 <mss 1460>
            captured@40002  P. 1001:10001(9000) ack 9001
            event sessionShed memory                      // it is not the probe, and has no connection
            captured@40002  P. 10001:19001(9000) ack 9301
            captured@40002  . 19001:19001(0) ack 9601
            captured@40001  . 10001:10001(0) ack 9301     // no payload, no memory
            event none
            ledger shed.memory 2 captured 3 inFlight 1 sessions.shed.memory 1
            payload 10240
            relayed@40001   S. 7000:7000(0) ack 1001 win 65160 <mss 1460>
            injected@40001  . 1001:2461(1460) ack 7001
            injected@40001  . 2461:3921(1460) ack 7001
            injected@40001  . 3921:5381(1460) ack 7001
            injected@40001  . 5381:6841(1460) ack 7001
            injected@40001  . 6841:8301(1460) ack 7001
            injected@40001  . 8301:9761(1460) ack 7001
            injected@40001  P. 9761:10001(240) ack 7001
            relayed@40001   P. 7001:7101(100) ack 10001 win 65160
            payload 0
            captured@40002  F. 19001:19001(0) ack 9601
            +1100ms
            injected@40001  . 10001:10001(0) ack 7101
            sessions 1
            """, settings: PacketScript.settings { $0.memoryLimit = 16 * 1024 })
    }

    @Test func `a session that was shed before it was connected rejoins with its client's own SYN`() {
        PacketScript.run(
            """
            captured@40001  S 5000:5000(0)           win 64240 <mss 1460>
            injected@40001  S 5000:5000(0)
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            captured  .   1001:1001(0)   ack 9001
            captured  P.  1001:11001(10000) ack 9001
            captured  P.  11001:21001(10000) ack 9001
            event     sessionShed backlog
            captured  P.  21001:21101(100) ack 9301
            relayed@40001   S. 7000:7000(0) ack 5001 win 65160 <mss 1460>
            injected  S   1000:1000(0)
            injected@40001  . 5001:5001(0) ack 7001
            relayed   S.  3000:3000(0)   ack 1001   win 65160 <mss 1460>
            injected  P.  1001:1101(100) ack 3001   bytes 21001
            ledger    captured 2 shed.backlog 1 inFlight 1
            """, settings: PacketScript.settings { $0.backlogLimit = 15_000 })
    }

    @Test func `a session with more waiting than one may have is shed, and what is on its way is seen through`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  P.  1101:11101(10000) ack 9301
                event     targetProven
                event     none
                captured  P.  11101:21101(10000) ack 9301
                event     sessionShed backlog
                ledger    shed.backlog 1 inFlight 1 sessions.shed.backlog 1
                payload   2048
                captured  P.  21101:21201(100) ack 9601
                ledger    shed.backlog 2 inFlight 1
                relayed   P.  7001:7301(300) ack 1101   win 500
                ledger    answered 1 inFlight 0
                payload   0
                +50ms
                injected  .   1101:1101(0)   ack 7301
                +160ms
                injected  R   1101:1101(0)                        // an answer in several pieces would have come by now
                captured  P.  21201:21301(100) ack 9901           // it rejoins at the next exchange
                injected  S   132173:132173(0)
                ledger    captured 4 shed.backlog 2 answered 1 inFlight 1 sessions.shed.backlog 1
                """, settings: PacketScript.settings { $0.backlogLimit = 20_000 })
    }

    @Test func `sessions that are too many for the memory are shed as they begin, and the older ones go on`() throws {
        let settings = PacketScript.settings {
            $0.memoryLimit = 1 << 20
            $0.startsSafely = false
        }
        let replayed = (1 << 20) / 8 * 5 / Replayer.bytesPerSession
        let known = (1 << 20) / 4 * 3 / Replayer.bytesPerSession
        var replayer = Replayer(settings: settings, now: .zero)
        func capture(_ flags: TCPFlags, _ sequence: UInt32, _ length: Int = 0, from port: Int) throws {
            let client = Endpoint(PacketScript.clientAddress, UInt16(10_000 + port))
            let bytes = PacketScript.packet(
                SegmentHeader(
                    flow: Flow(from: client, to: PacketScript.online), sequence: SequenceNumber(sequence),
                    acknowledgement: SequenceNumber(flags.contains(.ack) ? 9001 : 0), flags: flags, window: 64240,
                    payloadLength: length))
            let segment = try TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: bytes.count)
            replayer.handleCaptured(segment, capturedAt: .zero, now: .zero)
        }
        for port in 0..<2 * known { try capture(.syn, 1000, from: port) }
        #expect(replayer.ledgers[0].sessions.inFlight == replayed)
        #expect(replayer.ledgers[0].sessions[shed: .memory] == known - replayed)
        #expect(replayer.ignored.beyondMemory == known)
        for port in [0, replayed - 1, replayed, known - 1, known] { try capture([.ack, .psh], 1001, 100, from: port) }
        #expect(replayer.ledgers[0].exchanges.inFlight == 2)
        #expect(replayer.ledgers[0].exchanges[shed: .memory] == 2)
        #expect(replayer.ignored.beyondMemory == known + 1)
        #expect(replayer.ledgers[0].balances)
    }

    @Test func `a session shed while it waited for its port comes back on that port, once it is free`() {
        PacketScript.run(
            handshake + """
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                captured  R.  1101:1101(0)   ack 9001
                captured  S   500000:500000(0)          win 64240 <mss 1460>
                captured  .   500001:500001(0) ack 20001
                captured  P.  500001:512001(12000) ack 20001
                event     targetProven
                event     sessionShed memory
                captured  P.  512001:512101(100) ack 20301
                ledger    shed.memory 2 sessions.shed.memory 1
                relayed   P.  7001:7301(300) ack 1101   win 500
                injected  R   1101:1101(0)
                captured  P.  512101:512201(100) ack 20601
                injected  S   500000:500000(0)
                relayed   S.  3000:3000(0)   ack 500001 win 500 <mss 1460>
                injected  P.  500001:500101(100) ack 3001 bytes 512101
                relayed   P.  3001:3301(300) ack 500101 win 500
                ledger    shed.memory 2 answered 2 sessions.shed.memory 1
                """, settings: PacketScript.settings { $0.memoryLimit = 16 * 1024 })
    }
}
