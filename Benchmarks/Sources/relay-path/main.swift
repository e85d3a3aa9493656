// Headers from intercept to tcpcopy: the real server and client over loopback, on one event loop. Prints one JSON object a line:
// allocations and writes, and ns of processor time a header, both ends together and the kernel's part with them, for batches of so
// many headers; each batch is published, flushed and taken before the next.
//
//   relay-path BATCH...

import CMeasure
import HeaderRelay
import NIOCore
import NIOPosix
import Wire

/// Both ends, and the measurement between them.
final class RelayLoad: RelayServerObserver, RelayClientDelegate {
    private static let target = Endpoint(IPAddress(v4: 0x0a00_0003), 8080)
    private static let warmUp = 2_000

    private let batch: Int
    private let batches: Int
    private let finished: EventLoopPromise<String>
    private var server: RelayServer!
    private var client: RelayClient!
    private var header: SegmentHeader
    private var taken = 0
    private var published = 0
    private var start = Counts(allocations: 0, writes: 0, time: 0)

    private struct Counts {
        var allocations: Int
        var writes: Int
        var time: Int64

        static var now: Counts {
            Counts(allocations: allocation_count(), writes: write_count(), time: processor_time())
        }
    }

    init(batch: Int, on loop: any EventLoop, finished: EventLoopPromise<String>) {
        self.batch = batch
        batches = 200_000 / batch
        self.finished = finished
        let session = Flow(from: Endpoint(IPAddress(v4: 0x0a01_0001), 40_000), to: Self.target)
        header = SegmentHeader(
            flow: session.reversed, sequence: SequenceNumber(7_000), acknowledgement: SequenceNumber(1_001),
            flags: [.psh, .ack], window: 502, payloadLength: 1_448)
        server = RelayServer(on: loop, observer: self)
    }

    func listen() -> EventLoopFuture<Int> { server.listen(on: IPAddress(v4: 0x7f00_0001), port: 0) }

    func connect(to port: Int, on loop: any EventLoop) {
        guard
            let subscription = RelaySubscription(instance: RelayInstance(high: 1, low: 2), targets: [Self.target])
        else { return finished.fail(ChannelError.unknownLocalAddress) }
        client = RelayClient(
            host: "127.0.0.1", port: UInt16(port), subscription: subscription, on: loop, delegate: self)
        client.start()
    }

    private func publish() {
        if published == Self.warmUp { start = .now }
        if published == Self.warmUp + batches { return finish() }
        published += 1
        for _ in 0..<batch {
            header.flow.destinationPort = 10_000 + header.flow.destinationPort % 50_000
            server.publish(header)
        }
        server.flush()
    }

    private func finish() {
        let end = Counts.now
        let result =
            #"{"part":"relay","batch":\#(batch),"batches":\#(batches),"headers":\#(batches * batch),"#
            + #""allocations":\#(end.allocations - start.allocations),"writes":\#(end.writes - start.writes),"#
            + #""nsPerHeader":\#(Double(end.time - start.time) / Double(batches * batch))}"#
        client.stop()
        server.stop()
        finished.succeed(result)
    }

    func relayed(_ headers: inout RelayedHeaders, by client: RelayClient) {
        while headers.next() != nil { taken += 1 }
        if taken == published * batch { publish() }
    }

    func announcementRequired(_ required: Bool, by client: RelayClient) { if published == 0 { publish() } }
    func relayed(_ answers: inout RelayedAnswers, by client: RelayClient) {}
    func relayConnected(_ client: RelayClient) {}
    func relayLost(_ client: RelayClient, loss: RelayLoss) {}
    func relayFellSilent(_ client: RelayClient) {}
    func relayHeardAgain(_ client: RelayClient) {}
    func relayUnreachable(_ client: RelayClient, loss: RelayLoss) { finished.fail(ChannelError.ioOnClosedChannel) }
    func granted(_ flows: [Flow], by client: RelayClient) {}
    func refused(_ flows: [Flow], by client: RelayClient) {}
    func subscriptionsChanged(_ subscriptions: [RelaySubscription]) {}
    func subscribed(_ subscription: RelaySubscription, from remote: String) {}
    func connectionEnded(_ subscription: RelaySubscription?, from remote: String, loss: RelayLoss) {}
    func tcpcopy1Connected(from remote: String) {}
    func tcpcopy1Ended(from remote: String, loss: RelayLoss) {}
}

let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let loop = group.next()
for batch in CommandLine.arguments.dropFirst().compactMap({ Int($0) }) where batch > 0 {
    let finished = loop.makePromise(of: String.self)
    let load = try loop.submit { NIOLoopBound(RelayLoad(batch: batch, on: loop, finished: finished), eventLoop: loop) }
        .wait()
    let port = try loop.flatSubmit { load.value.listen() }.wait()
    loop.execute { load.value.connect(to: port, on: loop) }
    print(try finished.futureResult.wait())
}
try group.syncShutdownGracefully()
