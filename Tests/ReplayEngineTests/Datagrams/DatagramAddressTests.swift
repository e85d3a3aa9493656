import Testing
import Wire

@testable import ReplayEngine

/// From which addresses datagrams are replayed, and whose.
@Suite struct DatagramAddressTests {
    /// An engine that is given datagrams and keeps what it injects.
    private struct Bench: ~Copyable {
        var replayer: Replayer
        var batch = PacketBatch()
        var injected: [DatagramHeader] = []
        var now = Instant.zero

        init(_ change: (inout ReplaySettings) -> Void) {
            replayer = Replayer(settings: DatagramScript.settings(.udp, change), now: .zero)
        }

        mutating func capture(from client: Endpoint, length: Int = 10) {
            var datagram = PacketBatch()
            datagram.writeDatagram(
                Flow(from: client, to: DatagramScript.online), payload: DatagramScript.payload(length).rawSpan,
                packetSize: 65_535, identification: 0, target: 0)
            let packet = datagram.packet(0)
            if let read = try? UDPDatagram(frame: packet, linkType: .raw, wireLength: packet.byteCount) {
                replayer.handleCaptured(read, capturedAt: now, now: now)
            }
            poll()
        }

        private static func header(of packet: RawSpan) -> DatagramHeader? {
            do throws(WireError) {
                return try UDPDatagram(frame: packet, linkType: .raw, wireLength: packet.byteCount).header
            } catch { return nil }
        }

        mutating func poll() {
            var more = true
            while more {
                more = replayer.pollPackets(into: &batch, now: now)
                for index in 0..<batch.count {
                    let sent = Self.header(of: batch.packet(index))
                    if let sent { injected.append(sent) }
                }
                batch.removeAll()
            }
        }

        mutating func pass(_ interval: Interval) {
            now = now + interval
            replayer.handleTimeout(now: now)
            poll()
        }
    }

    private static func client(_ number: Int, port: UInt16 = 40_000) -> Endpoint {
        Endpoint(IPAddress(v4: 0x0a01_0000 + UInt32(number)), port)
    }

    @Test func `copies from a pool share no pair of addresses, and a flow keeps its own`() {
        var bench = Bench {
            $0.clientPool = AddressPool([AddressPrefix("10.9.0.0/29")!])
            $0.copies = 3
        }
        for _ in 0..<2 { for number in 0..<500 { bench.capture(from: Self.client(number)) } }
        #expect(bench.injected.count == 3000)
        let sources = bench.injected.map(\.flow.source)
        #expect(Set(sources[..<1500]).count == 1500)
        #expect(Array(sources[..<1500]) == Array(sources[1500...]))
        #expect(sources.allSatisfy { AddressPrefix("10.9.0.0/29")!.contains($0.address) })
    }

    @Test func `pairs of a pool come back when their flows have ended`() {
        var bench = Bench { $0.clientPool = AddressPool([AddressPrefix("10.9.0.1")!]) }
        let ports = 64_512
        for round in 1...2 {
            for number in 0..<ports { bench.capture(from: Self.client(number)) }
            let answered = bench.injected.count
            #expect(answered == round * ports)
            bench.pass(.seconds(66))
        }
        let isBalanced = bench.replayer.ledgers[0].balances
        let shed = bench.replayer.ledgers[0].exchanges.shed
        #expect(isBalanced && shed == 0)
    }

    @Test func `a flow that finds no address is shed with each of its datagrams`() {
        var bench = Bench {
            $0.clientPool = AddressPool([AddressPrefix("10.9.0.1")!])
            $0.slice = Slice(index: 3, count: 4096)
            $0.copies = 10
        }
        // Some sixteen ports: not enough for ten copies each.
        for _ in 0..<2 { for number in 0..<3 { bench.capture(from: Self.client(number)) } }
        let ledger = bench.replayer.ledgers[0]
        let sent = bench.injected.count / 2
        #expect(sent > 10 && sent < 30)
        #expect(ledger.balances && ledger.exchanges[shed: .noReplayAddress] == 60 - 2 * sent)
        #expect(ledger.sessions[shed: .noReplayAddress] == 30 - sent && ledger.sessions.captured == 3)
    }

    @Test func `without a pool the first copy keeps its client's pair, and the others its address`() {
        var bench = Bench { $0.copies = 4 }
        bench.capture(from: Self.client(1))
        let sources = bench.injected.map(\.flow.source)
        #expect(sources.first == Self.client(1) && Set(sources).count == 4)
        #expect(sources.allSatisfy { $0.address == Self.client(1).address })
    }

    @Test func `a client at a loopback address has the one that stands for it`() {
        let stand = IPAddress("10.0.0.77")!
        var bench = Bench { $0.localhostAddress = stand }
        bench.capture(from: Endpoint(IPAddress("127.0.0.1")!, 40_000))
        #expect(bench.injected.map(\.flow.source) == [Endpoint(stand, 40_000)])
    }

    @Test func `a share of the clients is replayed, whole`() {
        var bench = Bench { $0.percent = 30 }
        for port in [UInt16(40_000), 40_001] {
            for number in 0..<1000 { bench.capture(from: Self.client(number, port: port)) }
        }
        let ledger = bench.replayer.ledgers[0]
        #expect(ledger.balances && ledger.exchanges.notSelected + bench.injected.count == 2000)
        #expect((400...800).contains(bench.injected.count))
        let addresses = bench.injected.map(\.flow.sourceAddress)
        #expect(Set(addresses).count * 2 == addresses.count)
    }

    @Test func `a ramp takes in clients that were left out before, once their session has ended`() {
        var bench = Bench { $0.ramps = true }
        for number in 0..<200 { bench.capture(from: Self.client(number)) }
        let before = bench.injected.count
        bench.replayer.handleEndOfCapture(capturedAt: bench.now, now: bench.now)
        bench.now = bench.now + .seconds(100)
        for number in 0..<200 { bench.capture(from: Self.client(number)) }
        #expect(before < 20 && bench.injected.count == before + 200)
        let isBalanced = bench.replayer.ledgers[0].balances
        #expect(isBalanced)
    }

    @Test func `memory is bounded whatever comes, and what has no room is shed`() {
        let limit = 1 << 20
        var bench = Bench {
            $0.memoryLimit = limit
            $0.startsSafely = true
        }
        for number in 0..<20_000 { bench.capture(from: Self.client(number), length: 100) }
        let (inUse, ledger) = (bench.replayer.datagrams.bytesInUse, bench.replayer.ledgers[0])
        #expect(inUse <= limit / 2 + 1000 && inUse > limit / 4)
        #expect(ledger.balances && ledger.exchanges.captured == 20_000 && ledger.exchanges[shed: .memory] > 10_000)
        bench.pass(.seconds(11))
        bench.pass(.seconds(60))
        let left = bench.replayer.datagrams.flowCount
        #expect(left == 0)
    }

    @Test func `flows that are idle make room for new ones`() {
        let limit = 1 << 20
        var bench = Bench { $0.memoryLimit = limit }
        for number in 0..<50_000 {
            bench.capture(from: Self.client(number))
            if number % 500 == 499 { bench.pass(.seconds(6)) }
        }
        let ledger = bench.replayer.ledgers[0]
        #expect(bench.injected.count == 50_000 && ledger.exchanges.shed == 0 && ledger.balances)
        let inUse = bench.replayer.datagrams.flowCount * DatagramReplayer.bytesPerFlow
        #expect(inUse <= limit / 8 + DatagramReplayer.bytesPerFlow * 500)
    }
}
