import Foundation
import ReplayEngine
import Testing
import Wire

/// The whole system in virtual time. A failure names its seed; `TCPCOPY_SEED=17` plays that one alone,
/// `TCPCOPY_SEEDS=500` the first five hundred.
@Suite struct WorldTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["TCPCOPY_SEED"].flatMap(UInt64.init) { return [seed] }
        return Array(1...(environment["TCPCOPY_SEEDS"].flatMap(UInt64.init) ?? 6))
    }()

    @Test(arguments: seeds)
    func `over a good network every stream reaches the target once, whole and answered`(seed: UInt64) {
        var world = World(seed: seed, plan: World.Plan(isIPv6: seed % 2 == 0))
        world.run()
        world.expectWhole()
    }

    @Test(arguments: seeds)
    func `loss, duplication and reordering behind capture cost nothing but time`(seed: UInt64) {
        var plan = World.Plan()
        plan.habits.repeats = 0.1
        plan.capture.jitter = .microseconds(300)
        plan.capture.duplication = 0.05
        plan.injection = Leg(jitter: .milliseconds(1), loss: 0.05, duplication: 0.02)
        plan.response = Leg(jitter: .milliseconds(1), loss: 0.05, duplication: 0.02)
        plan.relay = Leg(jitter: .milliseconds(2), loss: 0.02, duplication: 0.02)
        var world = World(seed: seed, plan: plan)
        world.run()
        world.expectWhole()
    }

    static let legs: [WritableKeyPath<World.Plan, Leg> & Sendable] = [\.capture, \.injection, \.response, \.relay]

    @Test(arguments: seeds)
    func `loss, duplication and reordering on one stretch alone cost nothing but time`(seed: UInt64) {
        for leg in Self.legs {
            var plan = World.Plan(clients: 8)
            plan[keyPath: leg] = Leg(jitter: .milliseconds(2), loss: 0.1, duplication: 0.1)
            // What capture loses for good is a test of its own; what a client sends again in time is not lost.
            // And it may swap what lies closer together than exchanges do.
            if leg == \.capture { (plan.capture.loss, plan.capture.jitter) = (0, .microseconds(300)) }
            var world = World(seed: seed, plan: plan)
            world.run()
            world.expectWhole()
        }
    }

    @Test(arguments: seeds)
    func `a time of day that is set while frames wait in the ring changes nothing`(seed: UInt64) {
        var chance = SimulationGenerator(seed: seed)
        var plan = World.Plan(ports: 8)
        plan.timeOfDay = .unsteady(&chance)
        plan.blockTime = .milliseconds(Int64.random(in: 0...20, using: &chance))
        plan.capture.jitter = .microseconds(300)
        plan.injection.loss = 0.02
        plan.response.loss = 0.02
        var world = World(seed: seed, plan: plan)
        world.run()
        world.expectWhole()
        // Frames are late by their block, and by what was lost on the way to the target; a bucket is up to an eighth wide.
        let usual = plan.blockTime.clamped(.milliseconds(1) ... .seconds(1))
        let lateness = world.replayer.ledgers[0].lateness.percentile(50)
        #expect(lateness.nanoseconds <= usual.nanoseconds * 9 / 8, "seed \(seed)")
    }

    @Test(arguments: seeds)
    func `headers that are left unread while nothing waits for them cost nothing`(seed: UInt64) {
        var chance = SimulationGenerator(seed: seed)
        var plan = World.Plan(ports: seed % 2 == 0 ? 8 : 1_000)
        plan.blockTime = .milliseconds(4)
        plan.patience = .milliseconds(Int64.random(in: 1...10, using: &chance))
        plan.habits.largeRequest = 0.2
        if seed % 3 == 0 {
            plan.injection = Leg(jitter: .milliseconds(1), loss: 0.03)
            plan.response = Leg(jitter: .milliseconds(1), loss: 0.03, duplication: 0.02)
        }
        var world = World(seed: seed, plan: plan)
        world.run()
        world.expectWhole()
    }

    @Test(arguments: seeds)
    func `what clients had to send again before it was captured goes in order, once`(seed: UInt64) {
        var plan = World.Plan()
        plan.habits.losses = 0.1
        plan.habits.repeats = 0.05
        plan.habits.roundTrip = 0...150
        plan.habits.largeRequest = 0.2
        var world = World(seed: seed, plan: plan)
        world.run()
        world.expectWhole()
    }

    @Test(arguments: seeds)
    func `a relay that is away for seconds costs nothing but time`(seed: UInt64) {
        var plan = World.Plan()
        let start = Instant.zero + .milliseconds(100_200 + Int64(seed % 7) * 300)
        plan.relay.outage = start..<start + .milliseconds([400, 2_500, 4_000, 9_000, 30_000][Int(seed % 5)])
        // A link that is cut is noticed by its silence, before an answer of which nothing comes is waited for no longer.
        plan.noticeDelay = .milliseconds(seed % 2 == 0 ? 0 : 3_500)
        if seed % 3 == 0 {
            plan.injection = Leg(jitter: .milliseconds(1), loss: 0.03)
            plan.response = Leg(jitter: .milliseconds(1), loss: 0.03)
        }
        var world = World(seed: seed, plan: plan)
        world.run()
        world.expectWhole()
    }

    @Test(arguments: seeds)
    func `windows that are small, unscaled or shut for seconds cost nothing but time`(seed: UInt64) {
        var plan = World.Plan()
        plan.habits.largeRequest = 0.3
        plan.target.windowCapacity = seed % 2 == 0 ? 9_000 : 30_000
        plan.target.windowScale = seed % 3 == 0 ? nil : 4
        plan.target.pauses = 0.3
        plan.injection.loss = 0.02
        plan.response.loss = 0.02
        var world = World(seed: seed, plan: plan)
        world.run()
        world.expectWhole()
    }

    @Test(arguments: seeds)
    func `answers of other lengths than online are waited for, but not for ever`(seed: UInt64) {
        var plan = World.Plan()
        plan.target.variation = 0.9
        var world = World(seed: seed, plan: plan)
        world.run()
        world.expectWhole()
    }

    @Test(arguments: seeds)
    func `clients that share few ports reach the target each by itself`(seed: UInt64) {
        var plan = World.Plan()
        plan.ports = 4
        plan.injection.loss = 0.03
        plan.response.loss = 0.03
        var world = World(seed: seed, plan: plan)
        world.run()
        world.expectWhole()
    }

    @Test(arguments: seeds)
    func `a target that closes early, resets or refuses gets nothing twice, and nothing is unaccounted for`(
        seed: UInt64
    ) {
        var plan = World.Plan()
        plan.ports = 8
        plan.target.closesEarly = 0.15
        plan.target.resets = 0.1
        plan.refuses = Instant.zero + .seconds(101)..<Instant.zero + .seconds(102)
        plan.injection.loss = 0.02
        plan.response.loss = 0.02
        var world = World(seed: seed, plan: plan)
        world.run()
        world.expectNothingTwice()
        world.expectAnswersAtTarget()
    }

    @Test(arguments: seeds)
    func `what capture loses is accounted for, and nothing else is lost or sent twice`(seed: UInt64) {
        var plan = World.Plan()
        plan.capture.loss = 0.08
        plan.capture.jitter = .milliseconds(1)
        plan.injection.loss = 0.02
        var world = World(seed: seed, plan: plan)
        world.run()
        world.expectNothingTwice()
        let exchanges = world.replayer.ledgers[0].exchanges
        #expect(exchanges.answered > 0)
        #expect(exchanges[failed: .captureHole] > 0, "seed \(seed): \(exchanges)")
    }

    @Test(arguments: seeds)
    func `memory is never beyond its bound, and what is shed is accounted for`(seed: UInt64) {
        var plan = World.Plan()
        plan.habits.largeRequest = 0.5
        plan.target.serviceTime = 50_000...300_000
        plan.duration = .milliseconds(500)
        plan.change = { $0.memoryLimit = 500_000 }
        if seed % 2 == 0 {
            plan.injection.loss = 0.02
            plan.response.loss = 0.02
        }
        var world = World(seed: seed, plan: plan)
        world.run()
        #expect(world.largestPayload <= 500_000)
        world.expectNothingTwice()
        world.expectExactAnswers()
        #expect(world.replayer.ledgers[0].sessions[shed: .memory] > 0)
        #expect(world.replayer.ledgers[0].exchanges.answered > 0)
    }

    @Test(arguments: seeds)
    func `a network that loses every fourth packet each way only takes long`(seed: UInt64) {
        var plan = World.Plan(clients: 12)
        plan.habits.largeRequest = 0.2
        plan.target.windowCapacity = 20_000
        plan.target.pauses = 0.1
        plan.injection = Leg(delay: .milliseconds(20), jitter: .milliseconds(30), loss: 0.25, duplication: 0.1)
        plan.response = Leg(delay: .milliseconds(20), jitter: .milliseconds(30), loss: 0.25, duplication: 0.1)
        plan.change = { $0.sessionTimeout = .seconds(600) }
        var world = World(seed: seed, plan: plan)
        world.run()
        // A SYN that is lost seven times is given up, as everywhere; and a client that resets is no longer held back once
        // nothing of an answer has come for seconds.
        let failed = world.replayer.ledgers[0].exchanges
        if failed[failed: .handshakeTimeout] + failed[failed: .resetByClient] == 0 {
            world.expectWhole()
        } else {
            world.expectNothingTwice()
            world.expectAnswersAtTarget()
        }
    }

    @Test(arguments: seeds)
    func `whatever happens, all ends, all is accounted for and nothing comes twice`(seed: UInt64) {
        var chance = SimulationGenerator(seed: seed &* 977)
        func upTo(_ most: Double) -> Double { .random(in: 0...most, using: &chance) }
        func leg() -> Leg {
            Leg(
                delay: .microseconds(Int64(upTo(30_000))), jitter: .microseconds(Int64(upTo(20_000))), loss: upTo(0.15),
                duplication: upTo(0.1))
        }
        var plan = World.Plan(ports: Int(1 + upTo(20)))
        plan.habits.repeats = upTo(0.2)
        plan.habits.largeRequest = upTo(0.4)
        plan.capture = leg()
        plan.timeOfDay = .unsteady(&chance)
        plan.blockTime = .microseconds(Int64(upTo(20_000)))
        plan.injection = leg()
        plan.response = leg()
        plan.relay = leg()
        let outage = Instant.zero + .milliseconds(Int64(100_000 + upTo(5_000)))
        plan.relay.outage = outage..<outage + .milliseconds(Int64(upTo(90_000)))
        plan.refuses = outage..<outage + .milliseconds(Int64(upTo(3_000)))
        plan.target.windowCapacity = Int(500 + upTo(60_000))
        plan.target.pauses = upTo(0.3)
        plan.target.closesEarly = upTo(0.1)
        plan.target.resets = upTo(0.1)
        plan.target.variation = upTo(0.9)
        let (waits, delay) = (upTo(1) < 0.8, upTo(200))
        plan.change = {
            $0.waitsForAnswers = waits
            $0.acknowledgementDelay = delay < 100 ? nil : .milliseconds(Int64(delay))
            $0.onHole = delay < 50 ? .end : .reopen
            $0.memoryLimit = 1_000_000
        }
        var world = World(seed: seed, plan: plan)
        world.run()
        world.expectNothingTwice()
    }

    @Test(arguments: seeds)
    func `the same seed tells the same story`(seed: UInt64) {
        var plan = World.Plan(clients: 10)
        plan.injection = Leg(jitter: .milliseconds(1), loss: 0.05)
        plan.target.resets = 0.1
        var one = World(seed: seed, plan: plan)
        one.run()
        var other = World(seed: seed, plan: plan)
        other.run()
        #expect(one.replayer.ledgers == other.replayer.ledgers)
        #expect(one.now == other.now)
    }
}
