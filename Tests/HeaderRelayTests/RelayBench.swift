import NIOCore
import NIOPosix
import Testing
import Wire

@testable import HeaderRelay

/// A relay server and some clients on one event loop, over loopback.
final class RelayBench: RelayServerObserver {
    let loop: any EventLoop
    private(set) var server: RelayServer!
    private(set) var port = 0
    var hosts: [RelayedHost] = []
    private(set) var subscriptions: [RelaySubscription] = []
    private(set) var ended: [RelayLoss] = []
    /// The connections of TCPCopy 1.x that were let in, and how those that have ended did so.
    private(set) var letIn = 0
    private(set) var left: [RelayLoss] = []
    private let servesTCPCopy1: Bool
    private let laneLoops: [any EventLoop]

    /// - Parameter laneLoops: what else the server works on.
    init(on loop: any EventLoop, servesTCPCopy1: Bool, laneLoops: [any EventLoop]) {
        self.loop = loop
        self.laneLoops = laneLoops
        self.servesTCPCopy1 = servesTCPCopy1
        server = RelayServer(on: loop, observer: self, servesTCPCopy1: servesTCPCopy1)
    }

    func subscriptionsChanged(_ subscriptions: [RelaySubscription]) { self.subscriptions = subscriptions }
    func subscribed(_ subscription: RelaySubscription, from remote: String) {}
    func tcpcopy1Connected(from remote: String) { letIn += 1 }
    func tcpcopy1Ended(from remote: String, loss: RelayLoss) { left.append(loss) }
    func connectionEnded(_ subscription: RelaySubscription?, from remote: String, loss: RelayLoss) {
        ended.append(loss)
    }

    /// Below those that the kernel gives to connections (net.ipv4.ip_local_port_range): one of another test's would take the port
    /// while no server listens on it.
    private static let ports: Range<UInt16> = 10_000..<32_768

    /// Starts a server, on the port of the one before if there was one.
    func listen(attempts: Int = 20) -> EventLoopFuture<Void> {
        server = RelayServer(on: loop, observer: self, servesTCPCopy1: servesTCPCopy1)
        server.addLanes(on: laneLoops)
        let bound = NIOLoopBound(self, eventLoop: loop)
        let chosen = port > 0 ? UInt16(port) : .random(in: Self.ports)
        return server.listen(on: IPAddress(v4: 0x7f00_0001), port: chosen)
            .map { bound.value.port = $0 }
            .flatMapError { [loop] error in
                guard bound.value.port == 0, attempts > 1 else { return loop.makeFailedFuture(error) }
                return bound.value.listen(attempts: attempts - 1)
            }
    }

    /// Adds a tcpcopy host and lets it connect.
    func addHost(_ subscription: RelaySubscription, live: [Flow] = [], speaksVersion1: Bool = false) {
        let host = RelayedHost(
            subscription, port: UInt16(port), on: loop, live: live, speaksVersion1: speaksVersion1)
        hosts.append(host)
        host.client.start()
    }

    func stop() {
        for host in hosts { host.client.stop() }
        server.stop()
    }
}

/// A tcpcopy that notes down what its assistant told it.
final class RelayedHost: RelayClientDelegate {
    private(set) var client: RelayClient!
    var live: [Flow]
    var takesHeaders = true
    private(set) var headers: [SegmentHeader] = []
    private(set) var answers: [DatagramHeader] = []
    private(set) var batches = 0
    private(set) var granted: [Flow] = []
    private(set) var refused: [Flow] = []
    private(set) var isAnnouncing: Bool?
    private(set) var losses: [RelayLoss] = []
    private(set) var failures: [RelayLoss] = []

    init(
        _ subscription: RelaySubscription, port: UInt16, on loop: any EventLoop, live: [Flow],
        speaksVersion1: Bool = false
    ) {
        self.live = live
        client = RelayClient(
            host: "127.0.0.1", port: port, subscription: subscription, speaksVersion1: speaksVersion1, on: loop,
            delegate: self)
    }

    func relayed(_ headers: inout RelayedHeaders, by client: RelayClient) {
        batches += 1
        guard takesHeaders else { return }
        while let header = headers.next() { self.headers.append(header) }
    }

    func relayed(_ answers: inout RelayedAnswers, by client: RelayClient) {
        while let answer = answers.next() { self.answers.append(answer) }
    }

    func relayConnected(_ client: RelayClient) {}
    func relayLost(_ client: RelayClient, loss: RelayLoss) { losses.append(loss) }
    func relayFellSilent(_ client: RelayClient) {}
    func relayHeardAgain(_ client: RelayClient) {}
    func relayUnreachable(_ client: RelayClient, loss: RelayLoss) { failures.append(loss) }
    func granted(_ flows: [Flow], by client: RelayClient) { granted += flows }
    func refused(_ flows: [Flow], by client: RelayClient) { refused += flows }

    func announcementRequired(_ required: Bool, by client: RelayClient) {
        isAnnouncing = required
        if required { client.announce(live) }
    }
}

/// Hands steps of a test to the loop of its bench.
struct RelayBenchHandle: Sendable {
    let loop: any EventLoop
    private let bound: NIOLoopBound<RelayBench>

    /// Runs `body` with a bench whose server listens, and takes everything down afterwards.
    static func with(
        servingTCPCopy1 servesTCPCopy1: Bool = false, lanes: Int = 1, _ body: (RelayBenchHandle) async throws -> Void
    ) async throws {
        // A thread of its own: what another test does at length must not count against this one's patience.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: lanes)
        defer { group.shutdownGracefully { _ in } }
        let loops = Array(group.makeIterator())
        let loop = loops[0]
        let handle = try await loop.submit {
            RelayBenchHandle(
                loop: loop,
                bound: NIOLoopBound(
                    RelayBench(on: loop, servesTCPCopy1: servesTCPCopy1, laneLoops: Array(loops.dropFirst())),
                    eventLoop: loop))
        }.get()
        try await handle.listen()
        do {
            try await body(handle)
            try await handle.run { $0.stop() }
        } catch {
            try await handle.run { $0.stop() }
            throw error
        }
    }

    func listen() async throws { try await loop.flatSubmit { [bound] in bound.value.listen() }.get() }

    /// Starts a second server on the port of the first.
    func listenOnceMore() async throws {
        _ = try await loop.flatSubmit { [bound, loop] in
            RelayServer(on: loop, observer: bound.value).listen(
                on: IPAddress(v4: 0x7f00_0001), port: UInt16(bound.value.port))
        }.get()
    }

    @discardableResult
    func run<Result: Sendable>(_ body: @escaping @Sendable (RelayBench) throws -> Result) async throws -> Result {
        try await loop.submit { [bound] in try body(bound.value) }.get()
    }

    /// Waits until `condition` holds; fails the test when it still does not after half a minute. Only what was asked after
    /// that counts: on a busy machine an answer may itself take longer to get here.
    func until(
        _ what: String, location: SourceLocation = #_sourceLocation,
        _ condition: @escaping @Sendable (RelayBench) -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while true {
            let isLast = ContinuousClock.now >= end
            if try await run(condition) { return }
            try #require(!isLast, "\(what)", sourceLocation: location)
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}
