import Testing
import Wire

@testable import ReplayEngine

/// Random operations against a model that counts by hand.
@Suite struct DatagramFuzzTests {
    @Test(arguments: UInt64(1)...10)
    func `whatever happens, the ledger balances and counts what the wire saw`(_ seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var settings = DatagramScript.settings()
        settings.copies = Int.random(in: 1...3, using: &generator)
        settings.percent = seed % 3 == 0 ? 60 : 100
        settings.startsSafely = seed % 2 == 0
        settings.memoryLimit = seed % 4 == 0 ? 1 << 16 : 1 << 24
        settings.transfers[0].packetSize = 1500
        if seed % 5 == 0 { settings.clientPool = AddressPool([AddressPrefix("10.9.0.0/30")!]) }
        var replayer = Replayer(settings: settings, now: .zero)
        var batch = PacketBatch(byteCapacity: 128 * 1024, packetCapacity: 8)
        var now = Instant.zero
        var waiting: [Flow: Int] = [:]
        var recent: [Flow] = []
        var (sent, answered, captured) = (0, 0, 0)
        for _ in 0..<4_000 {
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<45:
                let client = Endpoint(
                    IPAddress(v4: 0x0a01_0000 + UInt32.random(in: 0..<20, using: &generator)),
                    UInt16.random(in: 2000..<2010, using: &generator))
                let length = Int.random(in: 0...9, using: &generator) == 0 ? 5000 : 40
                var datagram = PacketBatch()
                datagram.writeDatagram(
                    Flow(from: client, to: DatagramScript.online), payload: DatagramScript.payload(length).rawSpan,
                    packetSize: 65_535, identification: 0, target: 0)
                let packet = datagram.packet(0)
                if let read = try? UDPDatagram(frame: packet, linkType: .raw, wireLength: packet.byteCount) {
                    replayer.handleCaptured(
                        read, capturedAt: now + .milliseconds(.random(in: -5...5, using: &generator)), now: now)
                    captured += 1
                }
            case 45..<80:
                guard let flow = recent.suffix(20).randomElement(using: &generator) else { continue }
                let before = replayer.ledgers[0].exchanges.answered
                replayer.handleAnswer(DatagramHeader(flow: flow.reversed, payloadLength: 1), now: now)
                let after = replayer.ledgers[0].exchanges.answered
                answered += after - before
                #expect(after - before <= 1)
                waiting[flow, default: 0] -= after - before
            case 80..<98:
                now = now + .milliseconds(.random(in: 0...40, using: &generator))
                replayer.handleTimeout(now: now)
            case 98:
                now = now + .seconds(.random(in: 0...70, using: &generator))
                replayer.handleTimeout(now: now)
            default: replayer.handleEndOfCapture(capturedAt: now, now: now)
            }
            var more = true
            while more {
                more = replayer.pollPackets(into: &batch, now: now)
                for index in 0..<batch.count {
                    let packet = batch.packet(index)
                    let isFirst = packet.bigEndian16(at: 6) & 0x1fff == 0
                    guard isFirst else { continue }
                    sent += 1
                    let flow = Flow(
                        from: Endpoint(IPAddress(v4: packet.bigEndian32(at: 12)), packet.bigEndian16(at: 20)),
                        to: Endpoint(IPAddress(v4: packet.bigEndian32(at: 16)), packet.bigEndian16(at: 22)))
                    waiting[flow, default: 0] += 1
                    recent.append(flow)
                }
                batch.removeAll()
            }
            let deadline = replayer.nextDeadline
            #expect(deadline > now || replayer.hasWork, "seed \(seed): the engine spins")
            let isBalanced = replayer.ledgers[0].balances
            guard isBalanced else {
                Issue.record("seed \(seed): \(replayer.ledgers[0])")
                return
            }
        }
        replayer.beginStop()
        replayer.endAll(now: now)
        let exchanges = replayer.ledgers[0].exchanges
        let isQuiet = replayer.isQuiet
        #expect(isQuiet && exchanges.inFlight == 0 && exchanges.captured == captured, "seed \(seed)")
        #expect(exchanges.answered == answered, "seed \(seed)")
        let unanswered = exchanges.silent + exchanges[failed: .stopped] + exchanges[failed: .targetSilent]
        #expect(answered + unanswered >= sent && answered > 300, "seed \(seed): \(exchanges)")
        #expect(waiting.values.allSatisfy { $0 >= 0 }, "seed \(seed): more answers than datagrams")
    }
}
