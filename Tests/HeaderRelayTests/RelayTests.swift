import NIOCore
import NIOPosix
import Testing
import Wire

@testable import HeaderRelay

/// Server and clients together, over loopback sockets.
@Suite(.timeLimit(.minutes(1)))
struct RelayTests {
    @Test func `headers reach the host that asked for them, all that were flushed together in their order`()
        async throws
    {
        try await RelayBenchHandle.with { bench in
            try await bench.run { $0.addHost(Samples.subscription(1)) }
            try await bench.until("subscribed") { $0.hosts[0].client.isConnected }
            let headers = Samples.headers.map { header in
                var header = header
                header.flow.sourceAddress = Samples.target.address
                header.flow.sourcePort = Samples.target.port
                return header
            }
            try await bench.run { bench in
                for header in headers { bench.server.publish(header) }
                bench.server.flush()
            }
            try await bench.until("relayed") { $0.hosts[0].headers.count == headers.count }
            try await bench.run { bench in
                let host = bench.hosts[0]
                #expect(host.headers == headers)
                #expect(host.batches == 1)
                #expect(host.isAnnouncing == false)
                #expect(host.client.statistics.headers == headers.count)
                #expect(host.client.statistics.connections == 1)
                #expect(bench.server.statistics.relayed == headers.count)
                #expect(bench.server.statistics.subscribers == 1)
                #expect(bench.subscriptions == [Samples.subscription(1)])
            }
        }
    }

    @Test func `headers for who has time stay unread until they are asked for`() async throws {
        try await RelayBenchHandle.with { bench in
            try await bench.run { $0.addHost(Samples.subscription(1)) }
            try await bench.until("subscribed") { $0.hosts[0].client.isConnected }
            func publish(_ port: UInt16) async throws {
                try await bench.run { bench in
                    bench.server.publish(Samples.response(port))
                    bench.server.flush()
                }
            }
            try await bench.run { bench in
                #expect(bench.server.patience == 0)
                bench.hosts[0].client.setPatient(true)
                bench.hosts[0].client.grantPatience(milliseconds: 4)
            }
            try await bench.until("the server knows") { $0.server.patience == 4 }
            try await publish(40_000)
            try await publish(40_001)
            // Whoever is in a hurry has read what was written before the same flush.
            try await bench.run { $0.addHost(Samples.subscription(2, targets: [Samples.otherTarget])) }
            try await bench.until("second subscribed") { $0.hosts[1].client.isConnected }
            try await bench.run { bench in
                #expect(bench.server.patience == 0)
                #expect(bench.hosts[0].headers == [])
                bench.hosts[0].client.readOnce()
            }
            try await bench.until("read") { $0.hosts[0].headers.count == 2 }
            try await publish(40_002)
            try await bench.run { $0.hosts[0].client.setPatient(false) }
            try await bench.until("read as they come") { $0.hosts[0].headers.count == 3 }
            try await publish(40_003)
            try await bench.until("read as they come") { $0.hosts[0].headers.count == 4 }
        }
    }

    @Test func `the shards of one host each get the headers of their slice, and count as one`() async throws {
        try await RelayBenchHandle.with { bench in
            let count: UInt16 = 4
            try await bench.run { bench in
                for index in 0..<count {
                    bench.addHost(Samples.subscription(1, slice: Slice(index: index, count: count)))
                }
            }
            try await bench.until("subscribed") { $0.hosts.allSatisfy(\.client.isConnected) }
            let ports = Array(stride(from: UInt16(1_000), to: 60_000, by: 977))
            try await bench.run { bench in
                for port in ports { bench.server.publish(Samples.response(port)) }
                bench.server.flush()
            }
            try await bench.until("relayed") { $0.hosts.reduce(0) { $0 + $1.headers.count } == ports.count }
            try await bench.run { bench in
                for (index, host) in bench.hosts.enumerated() {
                    let own = ports.filter { Int(Slice.index(ofPort: $0, count: count)) == index }
                    #expect(!own.isEmpty && host.headers.map(\.flow.destinationPort) == own)
                    #expect(host.isAnnouncing == false)
                }
                #expect(bench.server.statistics.subscribers == 1)
                #expect(bench.server.statistics.connections == Int(count))
            }
        }
    }

    @Test func `two hosts with the same clients and ports get each session's headers once`() async throws {
        try await RelayBenchHandle.with { bench in
            let old = (0..<3_000).map { Samples.session(1_000 + $0) }
            try await bench.run { $0.addHost(Samples.subscription(1), live: old) }
            try await bench.until("first subscribed") { $0.hosts[0].client.isConnected }
            try await bench.run { $0.addHost(Samples.subscription(2), live: [old[7], Samples.session(60_000)]) }
            try await bench.until("both lists are answered") {
                $0.hosts[0].granted.count == 3_000 && $0.hosts[1].granted.count + $0.hosts[1].refused.count == 2
            }
            try await bench.run { bench in
                #expect(bench.hosts[1].granted == [Samples.session(60_000)])
                #expect(bench.hosts[1].refused == [old[7]])
                // The same new session on both.
                bench.hosts[0].client.announce([Samples.session(50_000)])
                bench.hosts[1].client.announce([Samples.session(50_001)])
            }
            try await bench.until("granted") {
                $0.hosts[0].granted.last == Samples.session(50_000) && $0.hosts[1].granted.count == 2
            }
            try await bench.run { bench in
                for port in [1_007, 50_000, 50_001, 60_000] as [UInt16] {
                    bench.server.publish(Samples.response(port))
                }
                bench.server.publish(Samples.response(55_555))
                bench.server.flush()
            }
            try await bench.until("relayed") { $0.hosts[0].headers.count == 2 && $0.hosts[1].headers.count == 2 }
            try await bench.run { bench in
                #expect(bench.hosts[0].headers.map(\.flow.destinationPort) == [1_007, 50_000])
                #expect(bench.hosts[1].headers.map(\.flow.destinationPort) == [50_001, 60_000])
                #expect(bench.server.statistics.drops[.unowned] == 1)
                bench.hosts[0].client.stop()
            }
            try await bench.until("nothing need be announced") { $0.hosts[1].isAnnouncing == false }
        }
    }

    @Test func `a relay that is cut comes back by itself and is told all live sessions again`() async throws {
        try await RelayBenchHandle.with { bench in
            try await bench.run { bench in
                bench.addHost(Samples.subscription(1), live: [Samples.session(1)])
                bench.addHost(Samples.subscription(2), live: [Samples.session(2)])
            }
            try await bench.until("announced") { bench in bench.hosts.allSatisfy { $0.granted.count == 1 } }
            try await bench.run { $0.server.stop() }
            try await bench.until("lost") { bench in bench.hosts.allSatisfy { !$0.client.isConnected } }
            try await bench.until("tried again") { bench in bench.hosts.allSatisfy { !$0.failures.isEmpty } }
            try await bench.listen()
            try await bench.until("announced again") { bench in bench.hosts.allSatisfy { $0.granted.count == 2 } }
            try await bench.run { bench in
                for host in bench.hosts {
                    #expect(host.losses == [.farewell(.stopping)])
                    #expect(host.failures.allSatisfy { $0 == .unreachable("connection refused") })
                    #expect(host.client.statistics.reconnections == 1)
                }
                bench.server.publish(Samples.response(2))
                bench.server.flush()
            }
            try await bench.until("relayed") { $0.hosts[1].headers.count == 1 }
        }
    }

    @Test func `a new connection of the same tcpcopy takes the place of the old at once`() async throws {
        try await RelayBenchHandle.with { bench in
            try await bench.run { $0.addHost(Samples.subscription(1)) }
            try await bench.until("subscribed") { $0.hosts[0].client.isConnected }
            try await bench.run { $0.addHost(Samples.subscription(1)) }
            try await bench.until("replaced") { $0.hosts[0].losses == [.farewell(.replaced)] }
            try await bench.run { bench in
                bench.hosts[0].client.stop()
                #expect(bench.server.statistics.subscribers == 1)
                #expect(bench.subscriptions.count == 1)
            }
        }
    }

    @Test func `what is not this protocol is closed and counted, and the others live on`() async throws {
        try await RelayBenchHandle.with { bench in
            try await bench.run { $0.addHost(Samples.subscription(1)) }
            try await bench.until("subscribed") { $0.hosts[0].client.isConnected }
            var oversized = Samples.bytes(of: [.subscribe(Samples.subscription(2, targets: [Samples.otherTarget]))])
            oversized.writeMultipleIntegers(60_000 as UInt16, 16 as UInt8, 0 as UInt8)
            let strangers: [(ByteBuffer, RelayFault)] = [
                (ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"), .preamble(.foreign)),
                (ByteBuffer(string: "tcpcopy\u{7}hello"), .preamble(.version(7))),
                (oversized, .oversized(length: 60_000)),
                (Samples.bytes(of: [.announce([Samples.session(1)])]), .unexpected(kind: 5)),
                (Samples.bytes(of: [.header(Samples.response(1))]), .unexpected(kind: 16)),
            ]
            for (number, (bytes, fault)) in strangers.enumerated() {
                try await Stranger.connect(to: bench, sending: bytes)
                try await bench.until("closed because of \(fault)") { $0.ended.count == number + 1 }
                try await bench.run { #expect($0.ended.last == .fault(fault)) }
            }
            try await bench.run { bench in
                #expect(bench.server.statistics.faults == strangers.count)
                bench.server.publish(Samples.response(1))
                bench.server.flush()
            }
            try await bench.until("relayed") { $0.hosts[0].headers.count == 1 }
        }
    }

    @Test(arguments: [31, 32, 33]) func `damaged streams from many strangers harm no one else`(seed: UInt64)
        async throws
    {
        try await RelayBenchHandle.with { bench in
            let target = Endpoint(IPAddress(v4: 0xc000_0209), 9)
            try await bench.run { $0.addHost(Samples.subscription(77, targets: [target])) }
            try await bench.until("subscribed") { $0.hosts[0].client.isConnected }
            var generator = SeededGenerator(seed: seed)
            let valid = Array(Samples.bytes(of: Samples.messages).readableBytesView)
            for _ in 0..<100 {
                var stream = valid.prefix(Int.random(in: 1...valid.count, using: &generator))
                for _ in 0..<Int.random(in: 0...3, using: &generator) {
                    stream[Int.random(in: stream.indices, using: &generator)] = .random(in: 0...255, using: &generator)
                }
                let channel = try await Stranger.connect(to: bench, sending: ByteBuffer(bytes: stream))
                channel.close(promise: nil)
            }
            try await bench.until("seed \(seed): all strangers are gone") { $0.ended.count == 100 }
            var header = Samples.response(1)
            header.flow = Flow(from: target, to: Samples.client(1))
            let expected = header
            try await bench.run { bench in
                bench.server.publish(expected)
                bench.server.flush()
            }
            try await bench.until("seed \(seed): relayed") { $0.hosts[0].headers == [expected] }
        }
    }

    @Test func `a host that does not read loses headers by name, and the others none`() async throws {
        try await RelayBenchHandle.with { bench in
            try await bench.run { $0.addHost(Samples.subscription(1, targets: [Samples.otherTarget])) }
            try await bench.until("subscribed") { $0.hosts[0].client.isConnected }
            try await Stranger.connect(
                to: bench, sending: Samples.bytes(of: [.subscribe(Samples.subscription(2))]), reads: false)
            try await bench.until("the slow one has subscribed") { $0.server.statistics.subscribers == 2 }
            var other = Samples.response(1)
            other.flow.sourceAddress = Samples.otherTarget.address
            other.flow.sourcePort = Samples.otherTarget.port
            let (forSlow, forOther) = (Samples.response(1), other)
            // Enough to fill the buffers of two sockets and the queue before them, however large the system makes them.
            try await bench.run { bench in
                for _ in 1...10_000 where bench.server.statistics.drops[.slowSubscriber] == 0 {
                    for _ in 1...100 { bench.server.publish(forSlow) }
                    bench.server.flush()
                }
                bench.server.publish(forOther)
                bench.server.flush()
                #expect(bench.server.statistics.drops[.slowSubscriber] > 0)
                let statistics = bench.server.statistics
                #expect(statistics.published == statistics.relayed + statistics.drops.total + statistics.held)
            }
            try await bench.until("relayed") { $0.hosts[0].headers.count == 1 }
        }
    }

    @Test func `headers that the delegate leaves are passed over`() async throws {
        try await RelayBenchHandle.with { bench in
            try await bench.run { bench in
                bench.addHost(Samples.subscription(1))
                bench.hosts[0].takesHeaders = false
            }
            try await bench.until("subscribed") { $0.hosts[0].client.isConnected }
            try await bench.run { bench in
                for number in 0..<3 as Range<UInt32> { bench.server.publish(Samples.response(1, sequence: number)) }
                bench.server.flush()
            }
            try await bench.until("left") { $0.hosts[0].batches == 1 }
            try await bench.run { bench in
                bench.hosts[0].takesHeaders = true
                bench.server.publish(Samples.response(1, sequence: 3))
                bench.server.flush()
            }
            try await bench.until("taken") { $0.hosts[0].headers.map(\.sequence.rawValue) == [3] }
            try await bench.run { #expect($0.hosts[0].client.statistics.headers == 4) }
        }
    }

    @Test func `a server that is no intercept is named as such`() async throws {
        try await RelayBenchHandle.with { bench in
            let impostor = try await Stranger.listen(on: bench.loop, answering: ByteBuffer(string: "HTTP/1.1 400 Bad"))
            let port = try #require(impostor.localAddress?.port)
            try await bench.run { bench in
                let host = RelayedHost(
                    Samples.subscription(1), port: UInt16(port), on: bench.loop, live: [])
                bench.hosts.append(host)
                host.client.start()
            }
            try await bench.until("refused") { $0.hosts[0].failures.first == .fault(.preamble(.foreign)) }
            try await impostor.close()
        }
    }

    @Test func `a port in use is refused with that reason`() async throws {
        try await RelayBenchHandle.with { bench in
            await #expect(throws: RelayLoss.unreachable("the port is in use")) {
                try await bench.listenOnceMore()
            }
        }
    }

    @Test func `a client that was stopped hears nothing and stays away`() async throws {
        try await RelayBenchHandle.with { bench in
            try await bench.run { $0.addHost(Samples.subscription(1)) }
            try await bench.until("subscribed") { $0.hosts[0].client.isConnected }
            try await bench.run { $0.hosts[0].client.stop() }
            try await bench.until("gone") { $0.subscriptions.isEmpty }
            try await bench.run { bench in
                #expect(bench.hosts[0].losses.isEmpty)
                bench.hosts[0].client.start()
                bench.addHost(Samples.subscription(2))
            }
            try await bench.until("the other has subscribed") { $0.hosts[1].client.isConnected }
            // Had the first one tried, it would have come first.
            try await bench.run { #expect($0.server.statistics.connections == 2) }
        }
    }
}

/// Somebody at the other end of a socket who is neither tcpcopy nor intercept, or not as it should be.
enum Stranger {
    @discardableResult
    static func connect(
        to bench: RelayBenchHandle, sending bytes: ByteBuffer, reads: Bool = true
    ) async throws -> any Channel {
        let port = try await bench.run { $0.port }
        let channel = try await ClientBootstrap(group: bench.loop)
            .channelOption(.autoRead, value: reads)
            .channelOption(.socketOption(.so_rcvbuf), value: reads ? 1 << 20 : 4_096)
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(bytes)
        return channel
    }

    static func listen(on loop: any EventLoop, answering bytes: ByteBuffer) async throws -> any Channel {
        try await ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answer(bytes))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let bytes: ByteBuffer

        init(_ bytes: ByteBuffer) { self.bytes = bytes }

        func channelActive(context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        }
    }
}
