import Testing
import Wire

@testable import ReplayEngine

/// What becomes of each datagram.
@Suite struct DatagramTests {
    @Test func `datagrams go at once, in order, and answers answer the oldest`() {
        DatagramScript.run(
            """
            captured@40001 100
            injected@40001 100
            captured@40001 0
            injected@40001 0
            captured@40002 30
            injected@40002 30
            ledger captured 3 selected 3 replayed 3 inFlight 3 answered 0 sessions.captured 2 sessions.inFlight 2
            answered@40001
            ledger answered 1 inFlight 2
            answered@40002
            answered@40001
            ledger answered 3 inFlight 0 silent 0
            +60s
            ledger sessions.answered 2 sessions.inFlight 0
            flows 0
            """)
    }

    @Test func `who is not answered within five seconds is silent`() {
        DatagramScript.run(
            """
            captured@40001 100
            injected@40001 100
            captured@40001 101
            injected@40001 101
            +3s
            captured@40001 102
            injected@40001 102
            answered@40001                      // the first of the three
            +1900ms
            ledger answered 1 silent 0 inFlight 2
            +200ms
            ledger answered 1 silent 1 inFlight 1
            answered@40001
            ledger answered 2 silent 1 inFlight 0
            answered@40001
            ledger answered 2 surplus 1
            +10s
            ledger answered 2 silent 1 surplus 1
            """)
    }

    @Test func `answers out of the order of sending are counted as exactly`() {
        DatagramScript.run(
            """
            captured@40001 1
            injected@40001 1
            captured@40002 2
            injected@40002 2
            captured@40003 3
            injected@40003 3
            answered@40003
            answered@40002
            +6s
            ledger answered 2 silent 1 inFlight 0
            captured@40001 1
            injected@40001 1
            answered@40001
            ledger answered 3 silent 1 inFlight 0
            """)
    }

    @Test func `nobody waits for an answer on a one-way transfer`() {
        DatagramScript.run(
            """
            captured@40001 100
            injected@40001 100
            captured@40002 101
            injected@40002 101
            ledger silent 2 answered 0 inFlight 0
            answered@40001
            ledger silent 2 answered 0 surplus 1
            """, settings: DatagramScript.settings(.oneWayUDP) { $0.startsSafely = true })
    }

    @Test func `a datagram that is handed over early goes when it is due, and those behind it not before`() {
        DatagramScript.run(
            """
            captured@40001 100 early 2
            captured@40002 101 early 1
            +1ms
            ledger inFlight 2
            +1ms
            injected@40001 100
            injected@40002 101
            """)
    }

    @Test func `what capture cut is failed, not sent`() {
        DatagramScript.run(
            """
            captured@40001 100 cut 99
            ledger failed.captureTruncated 1 inFlight 0
            captured@40001 100
            injected@40001 100
            answered@40001
            """)
    }

    @Test func `what concerns nobody is counted`() {
        DatagramScript.run(
            """
            answered@40009
            ledger unknownResponses 1
            stop
            captured@40001 100
            ledger afterStop 1 captured 0
            """)
    }

    @Test func `at the stop answers are waited for, then counted as unanswered`() {
        DatagramScript.run(
            """
            captured@40001 100
            injected@40001 100
            captured@40002 100
            injected@40002 100
            stop
            ledger inFlight 2 sessions.inFlight 0 sessions.answered 2
            answered@40001
            ledger answered 1 inFlight 1
            end
            ledger answered 1 failed.stopped 1 inFlight 0
            """)
    }

    @Test func `each round of a recording has sessions of its own, on the same addresses`() {
        DatagramScript.run(
            """
            captured@40001 100
            injected@40001 100
            round
            ledger sessions.captured 1 sessions.answered 1
            captured@40001 100
            injected@40001 100
            ledger sessions.captured 2 sessions.inFlight 1
            answered@40001
            answered@40001
            ledger answered 2
            """)
    }

    @Test func `a server's answer in a recording that names no online address is no client's datagram`() {
        var settings = DatagramScript.settings()
        settings.transfers[0].onlineAddresses = []
        DatagramScript.run(
            """
            captured@53 100
            injected@53 100
            """, settings: settings)
        var replayer = Replayer(settings: settings, now: .zero)
        let client = Endpoint(DatagramScript.clientAddress, 53)
        for (source, destination) in [(client, DatagramScript.online), (DatagramScript.online, client)] {
            var batch = PacketBatch()
            batch.writeDatagram(
                Flow(from: source, to: destination), payload: [1, 2].rawSpan, packetSize: 1500, identification: 0,
                target: 0)
            let packet = batch.packet(0)
            if let datagram = try? UDPDatagram(frame: packet, linkType: .raw, wireLength: packet.byteCount) {
                replayer.handleCaptured(datagram, capturedAt: .zero, now: .zero)
            }
        }
        let (captured, ignored) = (replayer.ledgers[0].exchanges.captured, replayer.ignored.otherDestination)
        #expect(captured == 1 && ignored == 0)
    }
}
