import Foundation
import Testing
import Wire

@testable import ReplayEngine

/// Clients, capture, the engine, injection, a target, the assistant and the relay, in virtual time.
///
/// Each step takes the earliest event, drives all parts, and checks what must hold at every moment. Everything follows
/// from the seed.
struct World: ~Copyable {
    /// What happens on the way.
    struct Plan {
        var clients = 30
        var isIPv6 = false
        /// Clients share so many ports, one after another.
        var ports = 1_000
        var duration = Interval.seconds(3)
        var habits = SimulatedClient.Habits()
        var target = SimulatedConnection.Habits()
        var capture = Leg(delay: .microseconds(300))
        /// Captured frames wait so long for others, in the kernel's ring.
        var blockTime = Interval.zero
        /// The time of day, by which captured frames are stamped.
        var timeOfDay = TimeOfDay()
        var injection = Leg()
        var response = Leg()
        var relay = Leg()
        /// Relayed headers are left unread so long while nothing waits for them.
        var patience = Interval.zero
        /// How long after its begin an outage of the relay is noticed.
        var noticeDelay = Interval.zero
        var refuses: Range<Instant>?
        var change: (inout ReplaySettings) -> Void = { _ in }
    }

    private enum Event {
        case captured(client: Int, segment: Int)
        case block
        case injected(SegmentHeader, [UInt8])
        case answered(SegmentHeader)
        case relayed(SegmentHeader)
        case read
        case wake(Flow)
        case reach(RelayReach)
    }

    /// After the SYN and its acknowledgement.
    private static let firstBytes = 2

    private let online: Endpoint
    private let clientAddress: IPAddress
    let seed: UInt64
    let plan: Plan
    private(set) var clients: [SimulatedClient] = []
    private(set) var target: SimulatedTarget
    private(set) var replayer: Replayer
    private(set) var now = Instant.zero + .seconds(100)
    private(set) var largestPayload = 0
    private var generator: SimulationGenerator
    private var events = EventQueue<Event>()
    private var batch = PacketBatch()
    private var ring: [(segment: SimulatedClient.Segment, stamp: Int64, at: Instant)] = []
    private var unread: [SegmentHeader] = []
    private var clock: CaptureClock
    private var timeouts = 0
    private var timeoutsSince: Instant
    private let traced = ProcessInfo.processInfo.environment["TCPCOPY_TRACE"].flatMap(UInt16.init)

    init(seed: UInt64, plan: Plan) {
        self.seed = seed
        self.plan = plan
        generator = SimulationGenerator(seed: seed)
        func address(_ host: UInt64) -> IPAddress {
            plan.isIPv6 ? IPAddress(high: 0x2001_0db8_0000_0000, low: host) : IPAddress(v4: 0x0a00_0000 + UInt32(host))
        }
        online = Endpoint(address(2), 80)
        clientAddress = address(99)
        target = SimulatedTarget(endpoint: Endpoint(address(3), 8080))
        var settings = ReplaySettings(transfers: [
            Transfer(onlineAddresses: [online.address], onlinePort: online.port, target: target.endpoint)
        ])
        settings.seed = seed
        settings.sessionTimeout = .seconds(60)
        settings.idleTimeout = .seconds(90)
        plan.change(&settings)
        replayer = Replayer(settings: settings, now: .zero)
        clock = CaptureClock(offset: plan.timeOfDay.offset(at: now), now: now)
        if seed % 2 == 1 { replayer.foresightFrom = 0 }
        target.habits = plan.target
        target.refuses = plan.refuses
        timeoutsSince = now
        if let outage = plan.relay.outage {
            events.add(.reach(.none), at: min(outage.lowerBound + plan.noticeDelay, outage.upperBound))
            events.add(.reach(.whole), at: outage.upperBound)
        }
        addClients()
        // As the program does at least.
        for number in 0..<20 { events.add(.block, at: now + .milliseconds(500 * Int64(number))) }
    }

    private mutating func addClients() {
        var free = [Instant](repeating: now, count: plan.ports)
        for number in 0..<plan.clients {
            let port = number % plan.ports
            let start = now + Interval(nanoseconds: Int64.random(in: 0...plan.duration.nanoseconds, using: &generator))
            let client = SimulatedClient(
                number: UInt32(number), endpoint: Endpoint(clientAddress, UInt16(10_000 + port)),
                online: online, habits: plan.habits, startsAt: max(start, free[port]), &generator)
            free[port] = (client.segments.map(\.at).max() ?? now) + .milliseconds(20)
            var beginsAt = Instant.zero
            for (index, segment) in client.segments.enumerated() {
                for arrival in plan.capture.arrivals(of: segment.at, &generator) {
                    if index == 0 { beginsAt = max(beginsAt, arrival) }
                    // Nothing but the first bytes overtakes the SYN, for which it would have to be a round trip late.
                    let isFirst = index <= Self.firstBytes
                    events.add(
                        .captured(client: number, segment: index), at: isFirst ? arrival : max(arrival, beginsAt))
                }
            }
            clients.append(client)
        }
    }

    /// Runs until nothing is left to happen, at most for so long; then everything must have ended.
    mutating func run(atMost limit: Interval = .seconds(3_600)) {
        let end = now + limit
        while true {
            let next = min(events.nextTime, replayer.nextDeadline)
            guard next <= end else { break }
            now = max(now, next)
            if replayer.nextDeadline <= now { handleTimeout() }
            while events.nextTime <= now { handle(events.removeFirst()) }
            poll()
            largestPayload = max(largestPayload, replayer.payloadInUse)
            if !replayer.ledgers[0].balances { fail("the ledger does not balance: \(replayer.ledgers[0])") }
        }
        if replayer.liveSessions != 0 { fail("\(replayer.liveSessions) sessions have outlived their limits") }
        if replayer.isListening(now: .never) { fail("listens for what nothing waits for") }
        if replayer.payloadInUse != 0 { fail("\(replayer.payloadInUse) bytes of payload were never given back") }
        let ledger = replayer.ledgers[0]
        if ledger.sessions.inFlight != 0 || ledger.exchanges.inFlight != 0 { fail("in flight at the end: \(ledger)") }
    }

    func fail(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        Issue.record("seed \(seed), at \(now.nanoseconds / 1_000) µs: \(text)", sourceLocation: sourceLocation)
    }

    /// Tells the story of the client with this port, as `TCPCOPY_TRACE=10005` asks.
    private func trace(_ what: String, _ header: SegmentHeader) {
        guard let traced, header.flow.sourcePort == traced || header.flow.destinationPort == traced else { return }
        print("\(now.nanoseconds / 1_000) \(what) \(header)")
    }

    /// A handful of timers a session and second are plenty; more would be spinning.
    private mutating func handleTimeout() {
        if now - timeoutsSince > .seconds(1) {
            timeoutsSince = now
            timeouts = 0
        }
        timeouts += 1
        if timeouts == 500 + 100 * plan.clients { fail("the engine spins") }
        replayer.handleTimeout(now: now)
        if replayer.nextDeadline <= now { fail("a deadline did not move on") }
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .captured(let client, let index): stamp(clients[client].segments[index])
        case .block:
            readRing()
            poll()
            readRelay()
        case .injected(let header, let payload):
            trace("arrives ", header)
            answer(target.handle(header, payload, now: now, &generator), flow: header.flow)
        case .wake(let flow): answer(target.wake(flow, now: now), flow: flow)
        case .answered(let header): travel(.relayed(header), over: plan.relay)
        case .relayed(let header):
            unread.append(header)
            if plan.patience == .zero || replayer.isListening(now: now) {
                readRelay()
            } else if unread.count == 1 {
                events.add(.read, at: now + plan.patience)
            }
        case .read: readRelay()
        case .reach(let reach): replayer.handleRelayReach(reach, now: now)
        }
    }

    /// The kernel sees a frame; the engine is given it with its block.
    private mutating func stamp(_ segment: SimulatedClient.Segment) {
        ring.append((segment, plan.timeOfDay.stamp(at: now), now))
        if plan.blockTime == .zero {
            readRing()
        } else if ring.count == 1 {
            events.add(.block, at: now + plan.blockTime)
        }
    }

    private mutating func readRelay() {
        for header in unread {
            trace("relayed ", header)
            replayer.handleRelayed(header, now: now)
        }
        unread.removeAll(keepingCapacity: true)
    }

    private mutating func readRing() {
        clock.synchronize(offset: plan.timeOfDay.offset(at: now), now: now)
        for frame in ring {
            let capturedAt = clock.instant(ofStamp: frame.stamp, from: 0)
            let error = (capturedAt - frame.at).nanoseconds.magnitude
            if error > plan.blockTime.nanoseconds.magnitude + 1_000_000 || capturedAt > now {
                fail("a frame of \(frame.at) counts as captured at \(capturedAt)")
            }
            capture(frame.segment, capturedAt: capturedAt)
        }
        ring.removeAll(keepingCapacity: true)
    }

    private mutating func capture(_ segment: SimulatedClient.Segment, capturedAt: Instant) {
        trace("captured", segment.header)
        var packet = PacketBatch(byteCapacity: segment.payload.count + 200, packetCapacity: 1)
        packet.begin(segment.header, target: 0)
        packet.append(segment.payload.rawSpan)
        packet.end()
        let bytes = [UInt8](copying: packet.packet(0))
        do throws(WireError) {
            let segment = try TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: bytes.count)
            replayer.handleCaptured(segment, capturedAt: capturedAt, now: now)
        } catch { fail("captured what can't be read: \(error)") }
    }

    private mutating func poll() {
        var more = true
        while more {
            more = replayer.pollPackets(into: &batch, now: now)
            for index in 0..<batch.count {
                let bytes = [UInt8](copying: batch.packet(index))
                do throws(WireError) {
                    let segment = try TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: bytes.count)
                    trace("injected", segment.header)
                    travel(.injected(segment.header, [UInt8](copying: segment.payload)), over: plan.injection)
                } catch { fail("injected what can't be read: \(error)") }
            }
            batch.removeAll()
        }
        _ = replayer.pollEvents()
        guard !unread.isEmpty, replayer.isListening(now: now) else { return }
        readRelay()
        poll()
    }

    private mutating func answer(_ result: (sent: [SegmentHeader], wake: Instant), flow: Flow) {
        for header in result.sent {
            trace("answered", header)
            travel(.answered(header), over: plan.response)
        }
        if result.wake != .never { events.add(.wake(flow), at: max(result.wake, now)) }
    }

    private mutating func travel(_ event: Event, over leg: Leg) {
        for arrival in leg.arrivals(of: now, &generator) { events.add(event, at: arrival) }
    }
}

/// Seeded chance (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct SimulationGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
