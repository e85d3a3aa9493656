import Glibc
import NIOCore
import NIOPosix
import ReplayEngine
import Testing
import Wire

@testable import tcpcopy

/// When a shard wakes for its engine alone.
struct ShardAlarmTests {
    /// Looks at what was captured every 4 ms: each time one new client with one request.
    private final class Looks {
        private static let online = Endpoint(IPAddress(v4: 0x0a00_0001), 80)

        let shard: Shard
        private var left = 0
        private var port: UInt16 = 1_024
        private var isLate = false

        init(on loop: any EventLoop) {
            let transfer = Transfer(
                onlineAddresses: [Self.online.address], onlinePort: Self.online.port,
                target: Endpoint(IPAddress(v4: 0x0a00_0002), 80))
            shard = Shard(settings: ReplaySettings(transfers: [transfer]), injector: nil, addressing: [nil], on: loop)
        }

        func run(_ count: Int, isLate: Bool, _ done: EventLoopPromise<Void>) {
            left = count
            self.isLate = isLate
            look(done)
        }

        private func look(_ done: EventLoopPromise<Void>) {
            shard.expectLook(in: .milliseconds(4))
            port += 1
            capture(.syn, from: 1_000, [])
            capture([.ack, .psh], from: 1_001, [65, 66, 67])
            shard.flush()
            left -= 1
            guard left > 0 else { return done.succeed() }
            let loop = shard.loop
            let bound = NIOLoopBound(self, eventLoop: loop)
            loop.scheduleTask(in: .milliseconds(4)) { bound.value.look(done) }
            // So that the look and what was to come after it are due together.
            if isLate { loop.scheduleTask(in: .microseconds(3_800)) { usleep(3_000) } }
        }

        private func capture(_ flags: TCPFlags, from sequence: UInt32, _ payload: [UInt8]) {
            let client = Endpoint(IPAddress(v4: 0x0a00_0009), port)
            var batch = PacketBatch()
            batch.begin(
                SegmentHeader(
                    flow: Flow(from: client, to: Self.online), sequence: SequenceNumber(sequence),
                    acknowledgement: SequenceNumber(9_001), flags: flags, window: 500, options: TCPOptions()),
                target: 0)
            batch.append(payload.rawSpan)
            batch.end()
            let packet = batch.packet(0)
            let segment = try? TCPSegment(frame: packet, linkType: .raw, wireLength: packet.byteCount)
            guard let segment else { return }
            shard.replayer.handleCaptured(segment, capturedAt: Shard.now, now: Shard.now)
        }
    }

    @Test func `a loop that is late now and then is not woken more often afterwards`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let looks = try await loop.submit { NIOLoopBound(Looks(on: loop), eventLoop: loop) }.get()
        for isLate in [true, false, true, false] {
            let done = loop.makePromise(of: Void.self)
            let before = try await loop.submit { looks.value.shard.alarmsRung }.get()
            loop.execute { looks.value.run(50, isLate: isLate, done) }
            try await done.futureResult.get()
            let rung = try await loop.submit { looks.value.shard.alarmsRung }.get() - before
            #expect(rung <= 150, "late: \(isLate)")
        }
        try await loop.submit { looks.value.shard.close() }.get()
        try await group.shutdownGracefully()
    }
}
