import NIOCore
import Wire

@testable import HeaderRelay

/// A router with a clock, and what it said to each subscriber.
struct RouterBench {
    var router = ResponseRouter()
    var now = NIODeadline.uptimeNanoseconds(1)

    /// Lets time pass, keeping every deadline on the way.
    mutating func advance(_ amount: TimeAmount) {
        let end = now + amount
        while let deadline = router.nextDeadline, deadline <= end {
            now = deadline
            router.handleTimeout(now: now)
        }
        now = end
    }

    /// What the router has to say, by subscriber.
    mutating func said() -> [SubscriberIndex: [RelayMessage]] {
        Dictionary(grouping: router.takeMessages(), by: \.to).mapValues { $0.map(\.1) }
    }

    mutating func subscribe(_ subscription: RelaySubscription) -> SubscriberIndex {
        guard let index = router.subscribe(subscription, now: now) else { preconditionFailure("there is room") }
        return index
    }

    /// Two hosts that ask for the same responses, both of whose lists are complete: `held` belongs to the first.
    static func overlapping(held: [Flow] = []) -> (RouterBench, first: SubscriberIndex, second: SubscriberIndex) {
        var bench = RouterBench()
        let first = bench.subscribe(Samples.subscription(1))
        let second = bench.subscribe(Samples.subscription(2))
        bench.router.announce(held, by: first)
        bench.router.completeAnnouncements(round: 1, by: first)
        bench.router.completeAnnouncements(round: 1, by: second)
        _ = bench.said()
        return (bench, first, second)
    }

    /// Publishes a header as the server does.
    mutating func publish(_ header: SegmentHeader) -> ResponseRouter.Route {
        let route = router.route(header)
        switch route {
        case .to: break
        case .undecided: router.hold(header)
        case .nowhere(let reason): router.countDrop(reason)
        }
        return route
    }
}
