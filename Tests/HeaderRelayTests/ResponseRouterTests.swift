import NIOCore
import Testing
import Wire

@testable import HeaderRelay

struct ResponseRouterTests {
    @Test func `a lone host gets its responses without announcing anything`() {
        var bench = RouterBench()
        let host = bench.subscribe(Samples.subscription(1))
        #expect(bench.said() == [host: [.accepted(round: 0)]])
        #expect(bench.publish(Samples.response(40000)) == .to(host))
        #expect(bench.router.nextDeadline == nil)
    }

    @Test func `a response that nobody asked for is dropped by name`() {
        var bench = RouterBench()
        #expect(bench.publish(Samples.response(1)) == .nowhere(.unasked))
        _ = bench.subscribe(
            Samples.subscription(1, targets: [Samples.otherTarget]))
        #expect(bench.publish(Samples.response(1)) == .nowhere(.unasked))
        _ = bench.subscribe(Samples.subscription(2, clients: [Samples.prefix("192.168.0.0/16")]))
        #expect(bench.publish(Samples.response(1)) == .nowhere(.unasked))
        #expect(bench.router.drops[.unasked] == 3)
    }

    @Test func `slices share the responses of one target, each port to exactly one of them`() {
        var bench = RouterBench()
        let hosts = (0..<3 as Range<UInt16>).map { index in
            bench.subscribe(Samples.subscription(1, slice: Slice(index: index, count: 3)))
        }
        #expect(bench.said() == Dictionary(uniqueKeysWithValues: hosts.map { ($0, [.accepted(round: 0)]) }))
        for port in UInt16.min...UInt16.max {
            #expect(bench.router.route(Samples.response(port)) == .to(hosts[Int(Slice.index(ofPort: port, count: 3))]))
        }
    }

    @Test func `client prefixes share the responses of one target`() {
        var bench = RouterBench()
        let low = bench.subscribe(Samples.subscription(1, clients: [Samples.prefix("10.1.0.0/25")]))
        let high = bench.subscribe(Samples.subscription(2, clients: [Samples.prefix("10.1.0.128/25")]))
        #expect(bench.said() == [low: [.accepted(round: 0)], high: [.accepted(round: 0)]])
        #expect(bench.publish(Samples.response(40000, host: 127)) == .to(low))
        #expect(bench.publish(Samples.response(40000, host: 128)) == .to(high))
        #expect(bench.publish(Samples.response(40000, host: 256)) == .nowhere(.unasked))
    }

    @Test func `a connection may carry several targets, one of them twice`() {
        var bench = RouterBench()
        let targets = [Samples.target, Samples.targetIPv6, Samples.target]
        let host = bench.subscribe(Samples.subscription(1, targets: targets))
        #expect(bench.publish(Samples.response(40000)) == .to(host))
        var ipv6 = Samples.response(40000)
        ipv6.flow.sourceAddress = Samples.targetIPv6.address
        #expect(bench.publish(ipv6) == .to(host))
    }

    @Test func `when a second host asks for the same, both are told to announce`() {
        var bench = RouterBench()
        let first = bench.subscribe(Samples.subscription(1))
        _ = bench.said()
        let second = bench.subscribe(Samples.subscription(2))
        #expect(bench.said() == [first: [.announcementRequired(round: 1)], second: [.accepted(round: 1)]])
        // A third does not make them start again.
        let third = bench.subscribe(Samples.subscription(3))
        #expect(bench.said() == [third: [.accepted(round: 1)]])
    }

    @Test func `two hosts with the same clients and ports get each session once`() {
        var (bench, first, second) = RouterBench.overlapping()
        let session = Samples.session(40000)
        bench.router.announce([session], by: first)
        bench.router.announce([session, Samples.session(40001)], by: second)
        #expect(
            bench.said() == [
                first: [.granted([session])], second: [.granted([Samples.session(40001)]), .refused([session])],
            ])
        #expect(bench.publish(Samples.response(40000)) == .to(first))
        #expect(bench.publish(Samples.response(40001)) == .to(second))
        // Once it is over at the first host, the second may have it.
        bench.router.release([session], by: second)
        #expect(bench.publish(Samples.response(40000)) == .to(first))
        bench.router.release([session], by: first)
        #expect(bench.publish(Samples.response(40000)) == .nowhere(.unowned))
        bench.router.announce([session], by: second)
        #expect(bench.said() == [second: [.granted([session])]])
        #expect(bench.publish(Samples.response(40000)) == .to(second))
    }

    @Test func `a session announced twice by its owner is granted twice`() {
        var (bench, first, _) = RouterBench.overlapping(held: [Samples.session(40000)])
        bench.router.announce([Samples.session(40000)], by: first)
        #expect(bench.said() == [first: [.granted([Samples.session(40000)])]])
    }

    @Test func `a session outside what a host asked for is refused to it`() {
        var (bench, first, _) = RouterBench.overlapping()
        let elsewhere = Flow(from: Samples.client(40000), to: Samples.otherTarget)
        bench.router.announce([elsewhere], by: first)
        #expect(bench.said() == [first: [.refused([elsewhere])]])
        #expect(bench.router.sessionCount == 0)
    }

    @Test func `a newcomer is granted nothing before the older host has listed its sessions`() {
        var bench = RouterBench()
        let older = bench.subscribe(Samples.subscription(1))
        let newer = bench.subscribe(Samples.subscription(2))
        _ = bench.said()
        bench.router.announce([Samples.session(1), Samples.session(2)], by: newer)
        bench.router.completeAnnouncements(round: 1, by: newer)
        #expect(bench.said().isEmpty)
        bench.router.announce([Samples.session(2), Samples.session(3)], by: older)
        #expect(bench.said() == [older: [.granted([Samples.session(2), Samples.session(3)])]])
        bench.router.completeAnnouncements(round: 1, by: older)
        #expect(
            bench.said() == [newer: [.granted([Samples.session(1)]), .refused([Samples.session(2)])]])
    }

    @Test func `an older host that never lists its sessions is waited for one second`() {
        var bench = RouterBench()
        _ = bench.subscribe(Samples.subscription(1))
        let newer = bench.subscribe(Samples.subscription(2))
        _ = bench.said()
        bench.router.announce([Samples.session(1)], by: newer)
        bench.advance(.milliseconds(999))
        #expect(bench.said().isEmpty)
        bench.advance(.milliseconds(1))
        #expect(bench.said() == [newer: [.granted([Samples.session(1)])]])
        #expect(bench.router.nextDeadline == nil)
    }

    @Test func `a session released while it waits for its grant is not granted`() {
        var bench = RouterBench()
        let older = bench.subscribe(Samples.subscription(1))
        let newer = bench.subscribe(Samples.subscription(2))
        _ = bench.said()
        bench.router.announce([Samples.session(1), Samples.session(2)], by: newer)
        bench.router.release([Samples.session(1)], by: newer)
        bench.router.completeAnnouncements(round: 1, by: older)
        #expect(bench.said() == [newer: [.granted([Samples.session(2)])]])
    }

    @Test func `three hosts are decided on in the order of their coming`() {
        var bench = RouterBench()
        let hosts = (1...3).map { bench.subscribe(Samples.subscription($0)) }
        _ = bench.said()
        for host in hosts.reversed() {
            bench.router.announce([Samples.session(UInt16(host)), Samples.session(9)], by: host)
        }
        #expect(bench.said() == [hosts[0]: [.granted([Samples.session(0), Samples.session(9)])]])
        bench.router.completeAnnouncements(round: 1, by: hosts[0])
        #expect(bench.said() == [hosts[1]: [.granted([Samples.session(1)]), .refused([Samples.session(9)])]])
        bench.router.completeAnnouncements(round: 1, by: hosts[1])
        #expect(bench.said() == [hosts[2]: [.granted([Samples.session(2)]), .refused([Samples.session(9)])]])
    }

    @Test func `headers are held while their owner may still be announced, and come in their order`() {
        var bench = RouterBench()
        let older = bench.subscribe(Samples.subscription(1))
        let newer = bench.subscribe(Samples.subscription(2))
        _ = bench.said()
        let headers = (0..<4 as Range<UInt32>).map { Samples.response(40000, sequence: $0) }
        for header in headers { #expect(bench.publish(header) == .undecided) }
        #expect(bench.publish(Samples.response(50000)) == .undecided)
        bench.router.announce([Samples.session(40000)], by: older)
        #expect(bench.said() == [older: [.granted([Samples.session(40000)])] + headers.map { .header($0) }])
        #expect(bench.router.heldCount == 1)
        bench.router.completeAnnouncements(round: 1, by: older)
        #expect(bench.router.heldCount == 1, "the newer host may own it")
        bench.router.completeAnnouncements(round: 1, by: newer)
        #expect(bench.router.heldCount == 0)
        #expect(bench.router.drops[.unowned] == 1)
        #expect(bench.router.heldHeaders == 5)
    }

    @Test func `no more headers are held than are allowed, and none for longer than a second`() {
        var bench = RouterBench()
        _ = bench.subscribe(Samples.subscription(1))
        _ = bench.subscribe(Samples.subscription(2))
        for number in 0..<5_000 as Range<UInt32> { _ = bench.publish(Samples.response(1, sequence: number)) }
        #expect(bench.router.heldCount == 4_096)
        #expect(bench.router.drops[.holdFull] == 904)
        bench.advance(.seconds(1))
        #expect(bench.router.heldCount == 0)
        #expect(bench.router.drops[.unowned] == 4_096)
    }

    @Test func `when the other host leaves, nothing need be announced and nothing is kept`() {
        var (bench, first, second) = RouterBench.overlapping(held: [Samples.session(1)])
        bench.router.announce([Samples.session(2)], by: second)
        _ = bench.said()
        bench.router.handleDeparture(of: second, now: bench.now)
        #expect(bench.said() == [first: [.announcementOver]])
        #expect(bench.router.sessionCount == 0)
        #expect(bench.publish(Samples.response(2)) == .to(first))
        // An announcement that crossed that message is answered.
        bench.router.announce([Samples.session(3)], by: first)
        #expect(bench.said() == [first: [.granted([Samples.session(3)])]])
        #expect(bench.router.sessionCount == 0)
    }

    @Test func `a host whose connection broke keeps its sessions for five seconds`() {
        var (bench, first, second) = RouterBench.overlapping(held: [Samples.session(1)])
        bench.router.handleDisconnection(of: first, now: bench.now)
        #expect(bench.publish(Samples.response(1)) == .nowhere(.ownerAway))
        bench.router.announce([Samples.session(1)], by: second)
        #expect(bench.said() == [second: [.refused([Samples.session(1)])]])
        bench.advance(.milliseconds(4_999))
        #expect(bench.said().isEmpty)
        bench.advance(.milliseconds(1))
        #expect(bench.said() == [second: [.announcementOver]])
        #expect(bench.publish(Samples.response(1)) == .to(second))
        #expect(bench.router.subscriptions == [Samples.subscription(2)])
    }

    @Test func `a host that comes back takes its place again and lists its sessions anew`() {
        var (bench, first, second) = RouterBench.overlapping(held: [Samples.session(1), Samples.session(2)])
        bench.router.handleDisconnection(of: first, now: bench.now)
        bench.advance(.seconds(1))
        #expect(bench.subscribe(Samples.subscription(1)) == first)
        #expect(bench.said() == [first: [.accepted(round: 2)]])
        // What it holds stays its own meanwhile; the other must wait again.
        #expect(bench.publish(Samples.response(1)) == .to(first))
        bench.router.announce([Samples.session(2)], by: second)
        #expect(bench.said().isEmpty)
        bench.router.announce([Samples.session(1)], by: first)
        bench.router.completeAnnouncements(round: 2, by: first)
        // Session 2 has ended while it was away.
        #expect(bench.said() == [first: [.granted([Samples.session(1)])], second: [.granted([Samples.session(2)])]])
    }

    @Test func `the list of an earlier round does not end a later one`() {
        var (bench, first, _) = RouterBench.overlapping(held: [Samples.session(1)])
        #expect(bench.subscribe(Samples.subscription(1)) == first)
        bench.router.completeAnnouncements(round: 1, by: first)
        #expect(bench.router.sessionCount == 1)
        bench.router.completeAnnouncements(round: 2, by: first)
        #expect(bench.router.sessionCount == 0)
    }

    @Test func `a successor replaces its predecessor at once, the same process with another slice does not`() {
        var bench = RouterBench()
        let whole = bench.subscribe(Samples.subscription(1, slice: Slice(index: 0, count: 2)))
        #expect(bench.subscribe(Samples.subscription(1, slice: Slice(index: 0, count: 2))) == whole)
        #expect(bench.router.subscriptions.count == 1)
        #expect(bench.subscribe(Samples.subscription(1, slice: Slice(index: 1, count: 2))) != whole)
        #expect(bench.router.subscriptions.count == 2)
    }

    @Test func `a host that comes back asking for something else gives up what it held`() {
        var (bench, first, second) = RouterBench.overlapping(held: [Samples.session(1)])
        #expect(bench.subscribe(Samples.subscription(1, targets: [Samples.otherTarget])) == first)
        #expect(bench.said() == [first: [.accepted(round: 0)], second: [.announcementOver]])
        #expect(bench.publish(Samples.response(1)) == .to(second))
    }

    @Test func `more hosts than are served are turned away, and a place that was left is given again`() {
        var bench = RouterBench()
        for instance in 0..<256 as Range<UInt64> {
            _ = bench.subscribe(Samples.subscription(instance, targets: [Samples.otherTarget]))
        }
        #expect(bench.router.subscribe(Samples.subscription(999), now: bench.now) == nil)
        bench.router.handleDeparture(of: 17, now: bench.now)
        #expect(bench.subscribe(Samples.subscription(999)) == 17)
    }
}
