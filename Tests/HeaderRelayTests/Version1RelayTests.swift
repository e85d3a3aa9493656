import NIOCore
import NIOPosix
import Testing
import Wire

@testable import HeaderRelay

/// Hosts of TCPCopy 1.x and of this build's own protocol with one intercept, over loopback sockets.
@Suite(.timeLimit(.minutes(1)))
struct Version1RelayTests {
    private func synAck(_ port: UInt16) -> SegmentHeader {
        var header = Samples.response(port)
        header.flags = [.syn, .ack]
        header.payloadLength = 0
        return header
    }

    private func records(_ records: [Version1Record]) -> ByteBuffer {
        var buffer = ByteBuffer()
        for record in records { record.write(to: &buffer) }
        return buffer
    }

    private func add(_ port: UInt16) throws -> Version1Record {
        .add(try #require(Version1Session(Samples.session(port))))
    }

    @Test func `a session's headers go to the connection that announced it last`() async throws {
        try await RelayBenchHandle.with(servingTCPCopy1: true) { bench in
            let first = try await OldTcpcopy.connect(to: bench, sending: records([.version, try add(1), try add(2)]))
            let second = try await OldTcpcopy.connect(to: bench, sending: records([.version, try add(3)]))
            try await bench.until("announced") { $0.letIn == 2 && $0.server.statistics.version1.sessions == 3 }
            try await bench.run { bench in
                for port in [1, 2, 3, 4] as [UInt16] { bench.server.publish(Samples.response(port)) }
                bench.server.flush()
            }
            try await bench.until("relayed") { _ in first.ports == [1, 2] && second.ports == [3] }
            try await second.send(records([try add(1), try add(5)]))
            try await bench.until("announced") { $0.server.statistics.version1.sessions == 4 }
            try await first.send(records([.delete(try #require(Version1Session(Samples.session(2))))]))
            try await bench.until("deleted") { $0.server.statistics.version1.sessions == 3 }
            try await bench.run { bench in
                for port in [1, 2] as [UInt16] { bench.server.publish(Samples.response(port)) }
                bench.server.flush()
            }
            try await bench.until("relayed") { _ in second.ports == [3, 1] }
            try await bench.run { bench in
                let statistics = bench.server.statistics
                #expect(statistics.version1.connections == 2 && statistics.subscribers == 0)
                #expect(statistics.drops[.unowned] == 2 && statistics.relayed == 4)
                #expect(first.ports == [1, 2])
            }
            first.close()
            try await bench.until("gone") { $0.left == [.closed] && $0.server.isAsked }
            second.close()
            try await bench.until("gone") { $0.left == [.closed, .closed] && !$0.server.isAsked }
        }
    }

    @Test func `a SYN-ACK that overtakes its announcement is held for it, and anything else is not`() async throws {
        try await RelayBenchHandle.with(servingTCPCopy1: true) { bench in
            let old = try await OldTcpcopy.connect(to: bench, sending: records([.version]))
            try await bench.until("connected") { $0.letIn == 1 }
            let early = synAck(1)
            try await bench.run { bench in
                bench.server.publish(early)
                bench.server.publish(Samples.response(1))
                #expect(bench.server.statistics.held == 1 && bench.server.statistics.drops[.unowned] == 1)
            }
            try await old.send(records([try add(1)]))
            try await bench.until("relayed") { _ in old.headers == [early] }
            let late = synAck(2)
            try await bench.run { $0.server.publish(late) }
            try await bench.until("given up") { $0.server.statistics.drops[.unowned] == 2 }
            try await bench.run { bench in
                let statistics = bench.server.statistics
                #expect(statistics.published == statistics.relayed + statistics.drops.total + statistics.held)
                #expect(statistics.everHeld == 2 && statistics.held == 0)
            }
        }
    }

    @Test func `an intercept that does not know what to capture turns TCPCopy 1_x away`() async throws {
        try await RelayBenchHandle.with { bench in
            _ = try await OldTcpcopy.connect(to: bench, sending: records([.version, try add(1)]))
            try await bench.until("closed") { $0.ended == [.filterMissing] }
            try await bench.run { $0.addHost(Samples.subscription(1), speaksVersion1: true) }
            try await bench.until("unreachable") { $0.hosts[0].failures.count >= 2 }
            try await bench.run { bench in
                #expect(bench.hosts[0].failures.allSatisfy { $0 == .closed })
                #expect(bench.hosts[0].client.statistics.connections == 0 && bench.letIn == 0)
            }
        }
    }

    @Test func `what is no record closes that connection only`() async throws {
        try await RelayBenchHandle.with(servingTCPCopy1: true) { bench in
            let good = try await OldTcpcopy.connect(to: bench, sending: records([.version, try add(1)]))
            try await bench.run { $0.addHost(Samples.subscription(1, targets: [Samples.otherTarget])) }
            try await bench.until("all are there") { $0.letIn == 1 && $0.hosts[0].client.isConnected }
            var unknown = records([.version])
            unknown.writeRepeatingByte(9, count: 14)
            try await Stranger.connect(to: bench, sending: unknown)
            try await bench.until("closed") { $0.left == [.fault(.version1(.unknownType(0x0909)))] }
            for (version, rest) in [(5, 0), (6, 1)] as [(UInt16, UInt8)] {
                var first = ByteBuffer(bytes: [0, 0, 0, 0, 0, 0])
                first.writeInteger(version)
                first.writeBytes([0, 0, 0, 0, 0, rest])
                try await Stranger.connect(to: bench, sending: first)
            }
            try await bench.until("closed") { $0.ended.count == 2 }
            try await bench.run { bench in
                #expect(
                    Set(bench.ended.map(\.description))
                        == Set([Version1Fault.otherVersion(5), .badFirstRecord].map(\.description)))
                #expect(bench.server.statistics.faults == 3)
                bench.server.publish(Samples.response(1))
                bench.server.flush()
            }
            try await bench.until("relayed") { _ in good.ports == [1] }
        }
    }

    @Test func `a host that does not read loses headers by name, and the others none`() async throws {
        try await RelayBenchHandle.with(servingTCPCopy1: true) { bench in
            let good = try await OldTcpcopy.connect(to: bench, sending: records([.version, try add(1)]))
            try await Stranger.connect(to: bench, sending: records([.version, try add(2)]), reads: false)
            try await bench.until("announced") { $0.server.statistics.version1.sessions == 2 }
            try await bench.run { bench in
                let header = Samples.response(2)
                for number in 1...1_000_000 where bench.server.statistics.drops[.slowSubscriber] == 0 {
                    bench.server.publish(header)
                    if number % 100 == 0 { bench.server.flush() }
                }
                #expect(bench.server.statistics.drops[.slowSubscriber] > 0)
                bench.server.publish(Samples.response(1))
                bench.server.flush()
            }
            try await bench.until("relayed") { _ in good.ports == [1] }
        }
    }

    @Test func `beside TCPCopy 1_x a host of the own protocol announces its sessions, and no pair is shared`()
        async throws
    {
        try await RelayBenchHandle.with(servingTCPCopy1: true) { bench in
            try await bench.run { $0.addHost(Samples.subscription(1), live: [Samples.session(10)]) }
            try await bench.until("subscribed") { $0.hosts[0].isAnnouncing == false }
            let old = try await OldTcpcopy.connect(to: bench, sending: records([.version, try add(20)]))
            try await bench.until("announced") { $0.hosts[0].granted == [Samples.session(10)] }
            try await old.send(records([try add(10)]))
            try await bench.until("refused") { $0.server.statistics.version1.refused == 1 }
            try await bench.run { $0.hosts[0].client.announce([Samples.session(20), Samples.session(30)]) }
            try await bench.until("answered") {
                $0.hosts[0].refused == [Samples.session(20)] && $0.hosts[0].granted.count == 2
            }
            let (early, other) = (synAck(40), synAck(50))
            try await bench.run { bench in
                for port in [10, 20, 30] as [UInt16] { bench.server.publish(Samples.response(port)) }
                bench.server.publish(early)
                bench.server.publish(other)
                bench.server.flush()
                #expect(bench.server.statistics.held == 2)
                bench.hosts[0].client.announce([Samples.session(40)])
            }
            try await old.send(records([try add(50)]))
            try await bench.until("relayed") {
                $0.hosts[0].headers.map(\.flow.destinationPort) == [10, 30, 40] && old.ports == [20, 50]
            }
            old.close()
            try await bench.until("nothing need be announced") { $0.hosts[0].isAnnouncing == false }
            try await bench.run { bench in
                bench.server.publish(Samples.response(60))
                bench.server.flush()
            }
            try await bench.until("relayed") { $0.hosts[0].headers.count == 4 }
        }
    }

    @Test func `this build's tcpcopy is served in the other's protocol too, and tells all again after a cut`()
        async throws
    {
        try await RelayBenchHandle.with(servingTCPCopy1: true) { bench in
            let live = [Samples.session(1), Samples.session(2)]
            try await bench.run { $0.addHost(Samples.subscription(1), live: live, speaksVersion1: true) }
            try await bench.until("granted") {
                $0.hosts[0].granted == live && $0.server.statistics.version1.sessions == 2
            }
            try await bench.run { bench in
                #expect(bench.hosts[0].isAnnouncing == true)
                for number in 0..<100 as Range<UInt32> { bench.server.publish(Samples.response(2, sequence: number)) }
                bench.server.flush()
            }
            try await bench.until("relayed") { $0.hosts[0].headers.count == 100 }
            try await bench.run { bench in
                #expect(bench.hosts[0].headers == (0..<100).map { Samples.response(2, sequence: $0) })
                bench.hosts[0].client.release([Samples.session(1)])
            }
            try await bench.until("released") { $0.server.statistics.version1.sessions == 1 }
            try await bench.run { $0.server.stop() }
            try await bench.until("lost") { $0.hosts[0].losses == [.closed] }
            try await bench.listen()
            try await bench.until("announced again") { $0.server.statistics.version1.sessions == 2 }
            try await bench.run { #expect($0.hosts[0].client.statistics.reconnections == 1) }
        }
    }

    @Test(arguments: [
        (ByteBuffer(bytes: [0, 17]), Version1Fault.oversizedBatch(17)),
        (ByteBuffer(bytes: [0, 1] + [UInt8](repeating: 0, count: 64)), .badHeader),
    ])
    func `an intercept that sends what it must not is left, and tried again`(
        bytes: ByteBuffer, fault: Version1Fault
    ) async throws {
        try await RelayBenchHandle.with { bench in
            let impostor = try await Stranger.listen(on: bench.loop, answering: bytes)
            let port = UInt16(try #require(impostor.localAddress?.port))
            try await bench.run { bench in
                let host = RelayedHost(
                    Samples.subscription(1), port: port, on: bench.loop, live: [], speaksVersion1: true)
                bench.hosts.append(host)
                host.client.start()
            }
            try await bench.until("left and tried again") { $0.hosts[0].failures.count >= 2 }
            try await bench.run { bench in
                #expect(bench.hosts[0].failures.allSatisfy { $0 == .fault(.version1(fault)) })
            }
            try await impostor.close()
        }
    }
}

/// A tcpcopy as TCPCopy 1.x makes them, at its end of a socket.
struct OldTcpcopy: Sendable {
    private let channel: any Channel
    private let reader: NIOLoopBound<Reader>

    /// What it received; ask on the bench's loop.
    var headers: [SegmentHeader] { reader.value.headers }
    var ports: [UInt16] { headers.map(\.flow.destinationPort) }

    static func connect(to bench: RelayBenchHandle, sending bytes: ByteBuffer) async throws -> OldTcpcopy {
        let port = try await bench.run { $0.port }
        let reader = try await bench.loop.submit { [loop = bench.loop] in
            NIOLoopBound(Reader(), eventLoop: loop)
        }.get()
        let channel = try await ClientBootstrap(group: bench.loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(reader.value)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(bytes)
        return OldTcpcopy(channel: channel, reader: reader)
    }

    func send(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }

    func close() { channel.close(promise: nil) }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private(set) var headers: [SegmentHeader] = []
        private var decoder = Version1HeaderDecoder()

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            decoder.receive(unwrapInboundIn(data))
            do {
                while let header = try decoder.next() { headers.append(header) }
            } catch {
                Issue.record(error)
            }
        }
    }
}
