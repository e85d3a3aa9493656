import NIOCore
import NIOPosix
import Testing
import Wire

@testable import HeaderRelay

extension RelayBench {
    /// Publishes each header where the kernel would have steered it, and returns when all lanes have.
    func publish(_ headers: [SegmentHeader]) -> EventLoopFuture<Void> {
        let count = UInt16(server.lanes.count + 1)
        var done: [EventLoopFuture<Void>] = []
        for header in headers {
            let index = Int(Slice.index(ofPort: header.flow.destinationPort, count: count))
            if index == 0 {
                server.publish(header)
                server.flush()
            } else {
                let lane = server.lanes[index - 1]
                done.append(
                    lane.eventLoop.submit {
                        lane.value.publish(header)
                        lane.value.flush()
                    })
            }
        }
        return EventLoopFuture.andAllSucceed(done, on: loop)
    }
}

extension RelayBenchHandle {
    func publish(_ headers: [SegmentHeader]) async throws {
        try await run { $0.publish(headers) }.get()
    }

    /// What the server and all its lanes have published.
    func statistics() async throws -> RelayServerStatistics {
        let (own, lanes) = try await run { ($0.server.statistics, $0.server.lanes) }
        var all = own
        for lane in lanes { all.add(try await lane.eventLoop.submit { lane.value.statistics }.get()) }
        return all
    }

    /// Whether each lane, the server first, may wait for its own responses without regard for others.
    func areApart() async throws -> [Bool] {
        let (own, lanes) = try await run { ($0.server.isApart, $0.server.lanes) }
        var all = [own]
        for lane in lanes { all.append(try await lane.eventLoop.submit { lane.value.isApart }.get()) }
        return all
    }
}

/// A relay server on several event loops, with clients of any number of shards.
@Suite(.timeLimit(.minutes(1)))
struct LaneTests {
    private static let ports = Array(stride(from: UInt16(1_000), to: 60_000, by: 977))

    @Test(arguments: [2, 3, 5], [1, 2, 3, 4] as [UInt16])
    func `each header reaches the shard it belongs to, whatever the numbers on both sides`(lanes: Int, shards: UInt16)
        async throws
    {
        try await RelayBenchHandle.with(lanes: lanes) { bench in
            try await bench.run { bench in
                for index in 0..<shards {
                    bench.addHost(Samples.subscription(1, slice: Slice(index: index, count: shards)))
                }
            }
            try await bench.until("subscribed") { $0.hosts.allSatisfy(\.client.isConnected) }
            try await bench.publish(Self.ports.map { Samples.response($0) })
            try await bench.until("relayed") { $0.hosts.reduce(0) { $0 + $1.headers.count } >= Self.ports.count }
            try await bench.run { bench in
                for (index, host) in bench.hosts.enumerated() {
                    let own = Self.ports.filter { Int(Slice.index(ofPort: $0, count: shards)) == index }
                    #expect(Set(host.headers.map(\.flow.destinationPort)) == Set(own))
                    #expect(host.headers.count == own.count && host.isAnnouncing == false)
                }
                #expect(bench.server.statistics.subscribers == 1)
                #expect(bench.server.statistics.connections == Int(shards))
            }
            let statistics = try await bench.statistics()
            #expect(statistics.published == Self.ports.count && statistics.relayed == Self.ports.count)
        }
    }

    @Test func `with as many shards on both sides each connection lives where its responses are captured`() async throws
    {
        try await RelayBenchHandle.with(lanes: 3) { bench in
            try await bench.run { bench in
                for index in 0..<3 as Range<UInt16> {
                    bench.addHost(Samples.subscription(1, slice: Slice(index: index, count: 3)))
                }
            }
            try await bench.until("subscribed") { $0.hosts.allSatisfy(\.client.isConnected) }
            #expect(try await bench.areApart() == [true, true, true])
            #expect(try await bench.run { $0.server.elsewhere.count } == 2)
            // Another tcpcopy, of one shard, gets responses from all.
            try await bench.run { $0.addHost(Samples.subscription(2, targets: [Samples.otherTarget])) }
            try await bench.until("subscribed") { $0.hosts[3].client.isConnected }
            #expect(try await bench.areApart() == [false, false, false])
            try await bench.run { $0.hosts[3].client.stop() }
            try await bench.until("gone") { $0.subscriptions.count == 3 }
            #expect(try await bench.areApart() == [true, true, true])
        }
    }

    @Test func `two hosts with the same clients and ports get each session's headers once`() async throws {
        try await RelayBenchHandle.with(lanes: 2) { bench in
            let sessions = (0..<200).map { Samples.session(1_000 + $0) }
            let halves = [Array(sessions[..<100]), Array(sessions[100...])]
            try await bench.run { bench in
                for (instance, live) in halves.enumerated() {
                    for index in 0..<2 as Range<UInt16> {
                        let slice = Slice(index: index, count: 2)
                        let own = live.filter { slice.contains(port: $0.sourcePort) }
                        bench.addHost(Samples.subscription(UInt64(instance + 1), slice: slice), live: own)
                    }
                }
            }
            try await bench.until("granted") { $0.hosts.reduce(0) { $0 + $1.granted.count } == 200 }
            #expect(try await bench.areApart() == [false, false])
            try await bench.publish((0..<200).map { Samples.response(1_000 + $0) } + [Samples.response(9_999)])
            try await bench.until("relayed") { $0.hosts.reduce(0) { $0 + $1.headers.count } >= 200 }
            try await bench.run { bench in
                for host in bench.hosts {
                    #expect(Set(host.headers.map(\.flow.reversed)) == Set(host.live))
                    #expect(host.headers.count == host.live.count)
                }
            }
            try await bench.until("all are accounted for") { $0.server.statistics.drops[.unowned] == 1 }
            let statistics = try await bench.statistics()
            #expect(statistics.published == 201 && statistics.relayed == 200 && statistics.drops.total == 1)
        }
    }

    @Test func `a relay that is cut comes back, wherever its connection lived`() async throws {
        try await RelayBenchHandle.with(lanes: 2) { bench in
            try await bench.run { bench in
                for index in 0..<2 as Range<UInt16> {
                    bench.addHost(Samples.subscription(1, slice: Slice(index: index, count: 2)))
                }
            }
            try await bench.until("subscribed") { $0.hosts.allSatisfy(\.client.isConnected) }
            try await bench.run { $0.server.stop() }
            try await bench.until("lost") { $0.hosts.allSatisfy { $0.losses == [.farewell(.stopping)] } }
            try await bench.listen()
            try await bench.until("connected again") { $0.hosts.allSatisfy(\.client.isConnected) }
            try await bench.publish(Self.ports.map { Samples.response($0) })
            try await bench.until("relayed") { $0.hosts.reduce(0) { $0 + $1.headers.count } == Self.ports.count }
        }
    }

    @Test func `a subscription may come byte by byte, and what is none is closed and counted`() async throws {
        try await RelayBenchHandle.with(lanes: 2) { bench in
            let second = Samples.subscription(1, slice: Slice(index: 1, count: 2))
            let bytes = Array(Samples.bytes(of: [.subscribe(second)]).readableBytesView)
            let channel = try await Stranger.connect(to: bench, sending: ByteBuffer(bytes: bytes.prefix(1)))
            for byte in bytes.dropFirst() { try await channel.writeAndFlush(ByteBuffer(bytes: [byte])) }
            try await bench.until("subscribed") { $0.subscriptions == [second] }
            #expect(try await bench.run { $0.server.elsewhere.count } == 1)
            try await Stranger.connect(to: bench, sending: ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"))
            try await bench.until("closed") { $0.ended == [.fault(.preamble(.foreign))] }
            // Beyond its first message the lane hands on what this connection says, and that it must not.
            try await channel.writeAndFlush(Samples.bytes(of: [.subscribe(second)], greeted: true))
            try await bench.until("closed too") { $0.ended.last == .fault(.unexpected(kind: 1)) }
            #expect(try await bench.run { $0.server.elsewhere.isEmpty && $0.server.statistics.faults == 2 })
        }
    }

    @Test func `a host that does not read loses headers by name on every lane`() async throws {
        try await RelayBenchHandle.with(lanes: 2) { bench in
            try await Stranger.connect(
                to: bench, sending: Samples.bytes(of: [.subscribe(Samples.subscription(2))]), reads: false)
            try await bench.until("subscribed") { $0.server.statistics.subscribers == 1 }
            let header = Samples.response(40_001)
            let lane = try await bench.run { $0.server.lanes[0] }
            #expect(Slice.index(ofPort: 40_001, count: 2) == 1)
            let isSlow = try await lane.eventLoop.submit {
                for _ in 1...10_000 where lane.value.statistics.drops[.slowSubscriber] == 0 {
                    for _ in 1...100 { lane.value.publish(header) }
                    lane.value.flush()
                }
                let statistics = lane.value.statistics
                return statistics.drops[.slowSubscriber] > 0
                    && statistics.published == statistics.relayed + statistics.drops.total
            }.get()
            #expect(isSlow)
        }
    }
}
