import NIOCore
import Testing
import Wire

@testable import HeaderRelay

/// Random hosts that come, go, announce and release: what must hold always, holds.
struct ResponseRouterFuzzTests {
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `no session ever has two owners, and every announcement is answered`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var bench = RouterBench()
        var hosts: [UInt64: SubscriberIndex] = [:]
        /// Announced on the present connection and not answered yet.
        var unanswered: [SubscriberIndex: Set<Flow>] = [:]
        var granted: [Flow: SubscriberIndex] = [:]
        var requiring: Set<SubscriberIndex> = []

        func hear(_ bench: inout RouterBench) {
            for (index, messages) in bench.said() {
                for message in messages {
                    switch message {
                    case .accepted(let round):
                        if round == 0 { requiring.remove(index) } else { requiring.insert(index) }
                        bench.router.completeAnnouncements(round: round, by: index)
                    case .announcementRequired: requiring.insert(index)
                    case .announcementOver:
                        requiring.remove(index)
                        unanswered[index] = []
                        granted = granted.filter { $0.value != index }
                    case .granted(let flows):
                        unanswered[index]?.subtract(flows)
                        guard requiring.contains(index) else { continue }
                        for flow in flows {
                            #expect(granted[flow] == nil || granted[flow] == index, "seed \(seed): \(flow) twice")
                            granted[flow] = index
                        }
                    case .refused(let flows): unanswered[index]?.subtract(flows)
                    default: break
                    }
                }
            }
        }

        for _ in 0..<2_000 {
            let instance = UInt64.random(in: 1...4, using: &generator)
            let flows = (0..<3).map { _ in Samples.session(.random(in: 1...20, using: &generator)) }
            switch (Int.random(in: 0..<10, using: &generator), hosts[instance]) {
            case (0, nil), (1, nil), (2, nil):
                let index = bench.subscribe(Samples.subscription(instance))
                hosts[instance] = index
                unanswered[index] = []
                granted = granted.filter { $0.value != index }
            case (0, let index?):
                bench.router.handleDeparture(of: index, now: bench.now)
                granted = granted.filter { $0.value != index }
                unanswered[index] = []
                requiring.remove(index)
                hosts[instance] = nil
            case (1, let index?):
                bench.router.handleDisconnection(of: index, now: bench.now)
                hosts[instance] = nil
                unanswered[index] = []
                // What it holds is kept for it, and may pass to others only when it has been forgotten.
                bench.advance(.seconds(6))
                granted = granted.filter { $0.value != index }
            case (2...4, let index?):
                bench.router.release(flows, by: index)
                for flow in flows where granted[flow] == index { granted[flow] = nil }
                unanswered[index]?.subtract(flows)
            case (5...8, let index?) where requiring.contains(index):
                unanswered[index]?.formUnion(flows)
                bench.router.announce(flows, by: index)
            case (9, _): bench.advance(.milliseconds(.random(in: 0...1_500, using: &generator)))
            default: _ = bench.publish(Samples.response(.random(in: 1...20, using: &generator)))
            }
            hear(&bench)
            for (flow, owner) in granted {
                #expect(bench.router.route(Samples.response(flow.sourcePort)) == .to(owner), "seed \(seed)")
            }
        }
        bench.advance(.seconds(10))
        hear(&bench)
        #expect(unanswered.values.flatMap { $0 } == [], "seed \(seed)")
        #expect(bench.router.heldCount == 0, "seed \(seed)")
    }
}
