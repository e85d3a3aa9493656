import NIOCore
import Testing
import Wire

@testable import HeaderRelay

/// Answers of UDP: their layout, and who gets them.
@Suite(.timeLimit(.minutes(1)))
struct AnswerTests {
    private static func bytes(of message: RelayMessage) -> [UInt8] {
        Array(Samples.bytes(of: [message], greeted: true).readableBytesView)
    }

    @Test func `an answer has the layout that is documented`() {
        let answer = DatagramHeader(
            flow: Flow(
                from: Endpoint(IPAddress(v4: 0x0a00_0003), 53), to: Endpoint(IPAddress(v4: 0x0a01_0001), 0x9c40)),
            payloadLength: 0x1234)
        #expect(
            Self.bytes(of: .answer(answer))
                == [0, 20, 18, 0, 0, 53, 0x9c, 0x40, 0x12, 0x34, 0, 0, 10, 0, 0, 3, 10, 1, 0, 1])
        var ipv6 = answer
        ipv6.flow.sourceAddress = Samples.targetIPv6.address
        let bytes = Self.bytes(of: .answer(ipv6))
        #expect(bytes.count == 44 && bytes[..<4] == [0, 44, 19, 0] && bytes[12..<16] == [0x20, 1, 0x0d, 0xb8])
    }

    @Test func `a subscription for TCP alone is the same as before there was UDP`() {
        let plain = Self.bytes(of: .subscribe(Samples.subscription(1)))
        #expect(plain.count == 4 + 28 + 18 && Array(plain[24..<28]) == [0, 0, 0, 0])
        let both = Self.bytes(of: .subscribe(Samples.subscription(1, datagramTargets: [Samples.otherTarget])))
        #expect(Array(both[24..<28]) == [0, 0, 0, 1])
        #expect(Array(both[50...]) == [0, 1] + Array(repeating: 0, count: 10) + [0xff, 0xff, 10, 0, 0, 7, 0x1f, 0x91])
    }

    @Test func `targets of both kinds count towards the limit`() {
        let instance = RelayInstance.random()
        let many = [Endpoint](repeating: Samples.target, count: 1_000)
        #expect(RelaySubscription(instance: instance, targets: many, datagramTargets: many) == nil)
        #expect(RelaySubscription(instance: instance, targets: [], datagramTargets: many) != nil)
    }

    @Test func `the largest subscription for both fits one message`() throws {
        let targets = (0..<512).map { Endpoint(Samples.targetIPv6.address, $0) }
        let subscription = Samples.subscription(
            5, targets: targets, datagramTargets: targets,
            clients: (0..<2_048).compactMap { AddressPrefix(IPAddress(v4: $0 << 8), length: 24) })
        var decoder = RelayDecoder()
        decoder.receive(Samples.bytes(of: [.subscribe(subscription)]))
        #expect(try decoder.next() == .subscribe(subscription))
    }

    @Test func `answers reach all who ask for them, between headers that were published before and after`() async throws
    {
        try await RelayBenchHandle.with { bench in
            let udp = Samples.subscription(1, targets: [], datagramTargets: [Samples.target])
            let both = Samples.subscription(2, datagramTargets: [Samples.target])
            let other = Samples.subscription(3, targets: [], datagramTargets: [Samples.otherTarget])
            let elsewhere = Samples.subscription(
                4, targets: [], datagramTargets: [Samples.target], clients: [Samples.prefix("10.9.0.0/16")])
            try await bench.run { bench in for one in [udp, both, other, elsewhere] { bench.addHost(one) } }
            try await bench.until("subscribed") { $0.hosts.allSatisfy(\.client.isConnected) }
            let ports = Array(40000..<40010 as Range<UInt16>)
            try await bench.run { bench in
                for port in ports {
                    bench.server.publish(Samples.response(port))
                    bench.server.publish(Samples.answer(port))
                }
                bench.server.flush()
            }
            try await bench.until("relayed") { bench in
                bench.hosts[..<2].allSatisfy { $0.answers.count == ports.count }
                    && bench.hosts[1].headers.count == ports.count
            }
            try await bench.run { bench in
                for host in bench.hosts[..<2] { #expect(host.answers == ports.map { Samples.answer($0) }) }
                #expect(bench.hosts[1].headers == ports.map { Samples.response($0) })
                #expect(bench.hosts[0].headers.isEmpty && bench.hosts[0].client.statistics.headers == ports.count)
                #expect(bench.hosts[2...].allSatisfy { $0.answers.isEmpty })
                #expect(bench.hosts.allSatisfy { $0.isAnnouncing == false }, "nobody has to announce for UDP")
                let statistics = bench.server.statistics
                #expect(statistics.published == 2 * ports.count && statistics.relayed == 2 * ports.count)
            }
        }
    }

    @Test func `answers that nobody asked for are counted`() async throws {
        try await RelayBenchHandle.with { bench in
            try await bench.run { $0.addHost(Samples.subscription(1)) }
            try await bench.until("subscribed") { $0.hosts[0].client.isConnected }
            try await bench.run { bench in
                // Asked for over TCP only.
                bench.server.publish(Samples.answer(40000))
                bench.server.flush()
                #expect(bench.server.statistics.drops[.unasked] == 1 && bench.server.statistics.relayed == 0)
            }
        }
    }

    @Test func `an answer to the assistant closes the connection`() async throws {
        try await RelayBenchHandle.with { bench in
            try await Stranger.connect(to: bench, sending: Samples.bytes(of: [.answer(Samples.answer(40000))]))
            try await bench.until("closed") { $0.ended == [.fault(.unexpected(kind: 18))] }
        }
    }
}
