import NIOCore
import Wire

/// Who gets which response: the subscriptions of all tcpcopy hosts, and where two overlap, whose each session is.
///
/// A response that one subscriber alone asks for is its own. Where several ask for the same, all are told to announce
/// their sessions: first the live ones, then each new one before its SYN. The first to announce a session holds it until
/// it is released; an older subscriber's list goes before a newer one's, so a newcomer waits (bounded) until those who
/// were there have listed what they hold. A subscriber whose connection breaks keeps what it holds for a while.
///
/// No I/O and no clock: events come in with `now`, messages are taken out with `takeMessages`.
struct ResponseRouter {
    /// How long the list of an older subscriber's sessions is waited for.
    static let listingLimit = TimeAmount.seconds(1)
    /// How long a subscriber whose connection broke keeps its place.
    static let absenceLimit = TimeAmount.seconds(5)
    static let maximumSubscribers = 256
    static let maximumHeldHeaders = 4_096
    static let maximumSessions = 1 << 20

    private var subscribers: [Subscriber?] = []
    /// The subscribers that ask for a target's responses.
    private var askers: [Endpoint: [SubscriberIndex]] = [:]
    /// The same for targets of UDP.
    private var answerAskers: [Endpoint: [SubscriberIndex]] = [:]
    /// Whose a session is, by its flow from client to target; only where subscriptions overlap.
    private var owners: [Flow: Owner] = [:]
    /// Headers whose owner will soon be known, in the order of their arrival.
    private var held: [SegmentHeader] = []
    private var messages: [(to: SubscriberIndex, RelayMessage)] = []
    private var nextSeniority = 0
    /// Whether hosts of TCPCopy 1.x may ask for the same as any subscriber.
    private var servesVersion1 = false

    private(set) var drops = HeaderDrops()
    /// Headers that had to wait for their owner.
    private(set) var heldHeaders = 0

    private struct Owner {
        var subscriber: SubscriberIndex
        var generation: Int
    }

    /// What to do with a header.
    enum Route: Equatable {
        case to(SubscriberIndex)
        /// Its owner will soon be known: hold it.
        case undecided
        case nowhere(HeaderDrop)
    }

    var subscriptions: [RelaySubscription] { subscribers.compactMap { $0?.subscription } }

    var routes: RelayRoutes { RelayRoutes(subscribers: subscribers, hasStrangers: servesVersion1) }

    func subscription(of index: SubscriberIndex) -> RelaySubscription? { subscribers[index]?.subscription }

    var sessionCount: Int { owners.count }
    var heldCount: Int { held.count }

    /// When `handleTimeout` is due.
    var nextDeadline: NIODeadline? {
        var earliest: NIODeadline?
        for case let subscriber? in subscribers {
            var deadlines = [subscriber.forgottenAt]
            if case .listing(let until) = subscriber.announcing { deadlines.append(until) }
            for case let deadline? in deadlines { earliest = min(earliest ?? deadline, deadline) }
        }
        return earliest
    }

    /// The messages that are to be sent, oldest first.
    mutating func takeMessages() -> [(to: SubscriberIndex, RelayMessage)] {
        defer { messages.removeAll() }
        return messages
    }
}

// Headers
extension ResponseRouter {
    /// Who asks for a UDP target's answers, to whichever clients.
    func subscribersAsking(forAnswersOf target: Endpoint) -> [SubscriberIndex] { answerAskers[target] ?? [] }

    /// Where a header goes; its flow goes from target to client.
    func route(_ header: borrowing SegmentHeader) -> Route {
        guard let askers = askers[header.flow.source] else { return .nowhere(.unasked) }
        let client = header.flow.destination
        var only: SubscriberIndex?
        for index in askers where subscribers[index]?.subscription.covers(client: client) == true {
            guard only == nil else { return routeByOwner(header.flow.reversed, askers) }
            only = index
        }
        guard let only else { return .nowhere(.unasked) }
        return servesVersion1 ? routeByOwner(header.flow.reversed, askers) : deliverable(to: only)
    }

    private func routeByOwner(_ session: Flow, _ askers: [SubscriberIndex]) -> Route {
        if let owner = owners[session] { return deliverable(to: owner.subscriber) }
        let isAnyListing = askers.contains { index in
            guard let subscriber = subscribers[index] else { return false }
            return subscriber.isUndecided && subscriber.subscription.covers(client: session.source)
        }
        return isAnyListing ? .undecided : .nowhere(.unowned)
    }

    private func deliverable(to index: SubscriberIndex) -> Route {
        subscribers[index]?.isAway == false ? .to(index) : .nowhere(.ownerAway)
    }

    /// Keeps a header until its owner is known.
    mutating func hold(_ header: SegmentHeader) {
        guard held.count < Self.maximumHeldHeaders else { return drops.count(.holdFull) }
        held.append(header)
        heldHeaders += 1
    }

    mutating func countDrop(_ reason: HeaderDrop) { drops.count(reason) }

    /// Sends on the held headers whose owner is known by now, and drops those that will have none.
    private mutating func settleHeld() {
        guard !held.isEmpty else { return }
        let waiting = held
        held.removeAll(keepingCapacity: true)
        for header in waiting {
            switch route(header) {
            case .to(let index): messages.append((index, .header(header)))
            case .undecided: held.append(header)
            case .nowhere(let reason): drops.count(reason)
            }
        }
    }
}

// Subscribers
extension ResponseRouter {
    /// Takes in a subscriber; nil when there are too many. One that comes back keeps its place, also while its old
    /// connection still stands.
    mutating func subscribe(_ subscription: RelaySubscription, now: NIODeadline) -> SubscriberIndex? {
        let index: SubscriberIndex
        if let known = subscribers.firstIndex(where: { $0?.subscription.isSuccessor(of: subscription) == true }) {
            index = known
            comeBack(index, with: subscription, now: now)
        } else {
            guard let free = freeIndex() else { return nil }
            index = free
            subscribers[index] = Subscriber(subscription: subscription, seniority: nextSeniority)
            nextSeniority += 1
        }
        settleOverlaps(newcomer: index, now: now)
        let isRequired = subscribers[index]?.announcing != .notRequired
        messages.append((index, .accepted(round: isRequired ? subscribers[index]?.round ?? 0 : 0)))
        settleHeld()
        return index
    }

    private mutating func comeBack(_ index: SubscriberIndex, with subscription: RelaySubscription, now: NIODeadline) {
        guard var subscriber = subscribers[index] else { return }
        if subscriber.subscription != subscription { disown(index) }
        subscriber.subscription = subscription
        subscriber.forgottenAt = nil
        subscriber.waiting = []
        subscriber.generation += 1
        if subscriber.announcing != .notRequired { ask(&subscriber, now: now) }
        subscribers[index] = subscriber
    }

    private mutating func freeIndex() -> SubscriberIndex? {
        if let free = subscribers.firstIndex(where: { $0 == nil }) { return free }
        guard subscribers.count < Self.maximumSubscribers else { return nil }
        subscribers.append(nil)
        return subscribers.count - 1
    }

    /// Its connection is down; what it holds is kept for a while.
    mutating func handleDisconnection(of index: SubscriberIndex, now: NIODeadline) {
        subscribers[index]?.forgottenAt = now + Self.absenceLimit
        subscribers[index]?.waiting = []
        decideWaiting()
    }

    /// It has said goodbye; what it holds is free.
    mutating func handleDeparture(of index: SubscriberIndex, now: NIODeadline) {
        disown(index)
        subscribers[index] = nil
        settleOverlaps(now: now)
        decideWaiting()
    }

    /// Ends what was waited for long enough.
    mutating func handleTimeout(now: NIODeadline) {
        for index in subscribers.indices {
            guard let subscriber = subscribers[index] else { continue }
            if let forgottenAt = subscriber.forgottenAt, forgottenAt <= now {
                handleDeparture(of: index, now: now)
            } else if case .listing(let until) = subscriber.announcing, until <= now {
                subscribers[index]?.announcing = .listed
            }
        }
        decideWaiting()
    }

    /// Tells everyone for whom it has changed whether announcements are required; a newcomer learns it when accepted.
    private mutating func settleOverlaps(newcomer: SubscriberIndex? = nil, now: NIODeadline) {
        (askers, answerAskers) = ([:], [:])
        for index in subscribers.indices {
            guard var subscriber = subscribers[index] else { continue }
            for target in Set(subscriber.subscription.targets) { askers[target, default: []].append(index) }
            for target in Set(subscriber.subscription.datagramTargets) {
                answerAskers[target, default: []].append(index)
            }
            switch (subscriber.announcing, overlapsAnother(index)) {
            case (.notRequired, true):
                ask(&subscriber, now: now)
                if !subscriber.isAway, index != newcomer {
                    messages.append((index, .announcementRequired(round: subscriber.round)))
                }
            case (.listing, false), (.listed, false):
                subscriber.announcing = .notRequired
                subscriber.waiting = []
                disown(index)
                if !subscriber.isAway, index != newcomer { messages.append((index, .announcementOver)) }
            default: break
            }
            subscribers[index] = subscriber
        }
    }

    private func ask(_ subscriber: inout Subscriber, now: NIODeadline) {
        subscriber.round = max(1, subscriber.round &+ 1)
        subscriber.announcing = .listing(until: now + Self.listingLimit)
    }

    /// Hosts of TCPCopy 1.x are served from now on, or no more.
    mutating func setServesVersion1(_ isServing: Bool, now: NIODeadline) {
        guard servesVersion1 != isServing else { return }
        servesVersion1 = isServing
        settleOverlaps(now: now)
        decideWaiting()
    }

    private func overlapsAnother(_ index: SubscriberIndex) -> Bool {
        guard !servesVersion1 else { return true }
        guard let subscription = subscribers[index]?.subscription else { return false }
        return subscribers.indices.contains { other in
            other != index && subscribers[other]?.subscription.overlaps(subscription) == true
        }
    }

    private mutating func disown(_ index: SubscriberIndex) {
        guard !owners.isEmpty else { return }
        owners = owners.filter { $0.value.subscriber != index }
    }
}

// Sessions
extension ResponseRouter {
    /// Whether a subscriber has announced this session, client to target.
    func isOwned(_ flow: Flow) -> Bool { owners[flow] != nil }

    /// It says that these sessions, client to target, are or will be its own.
    mutating func announce(_ flows: [Flow], by index: SubscriberIndex) {
        guard let subscriber = subscribers[index] else { return }
        if subscriber.announcing == .notRequired {
            // Announced while the message crossed that it need not: nobody else can hold them.
            messages.append((index, .granted(flows)))
        } else if mustWait(subscriber) {
            let room = max(0, Self.maximumSessions - owners.count - subscriber.waiting.count)
            subscribers[index]?.waiting += flows.prefix(room)
            if flows.count > room { messages.append((index, .refused(Array(flows.dropFirst(room))))) }
        } else {
            decide(flows, for: index)
            settleHeld()
        }
    }

    /// Everything that was live when the round began has been announced.
    mutating func completeAnnouncements(round: UInt32, by index: SubscriberIndex) {
        guard let subscriber = subscribers[index], subscriber.round == round,
            subscriber.announcing != .notRequired
        else { return }
        subscribers[index]?.announcing = .listed
        if subscriber.generation > 0 {
            let announced = Set(subscriber.waiting)
            owners = owners.filter { flow, owner in
                owner.subscriber != index || owner.generation == subscriber.generation || announced.contains(flow)
            }
        }
        decideWaiting()
    }

    /// These sessions have ended.
    mutating func release(_ flows: [Flow], by index: SubscriberIndex) {
        for flow in flows where owners[flow]?.subscriber == index { owners[flow] = nil }
        guard subscribers[index]?.waiting.isEmpty == false else { return }
        let released = Set(flows)
        subscribers[index]?.waiting.removeAll { released.contains($0) }
        decideWaiting()
    }

    /// Whether an older subscriber that asks for the same responses has not listed its sessions yet.
    private func mustWait(_ subscriber: Subscriber) -> Bool {
        subscribers.contains { other in
            guard let other, other.seniority < subscriber.seniority, other.isUndecided else { return false }
            return other.subscription.overlaps(subscriber.subscription)
        }
    }

    private mutating func decideWaiting() {
        let bySeniority = subscribers.indices.sorted {
            (subscribers[$0]?.seniority ?? 0) < (subscribers[$1]?.seniority ?? 0)
        }
        for index in bySeniority {
            guard let subscriber = subscribers[index], !subscriber.waiting.isEmpty, !mustWait(subscriber) else {
                continue
            }
            subscribers[index]?.waiting = []
            decide(subscriber.waiting, for: index)
        }
        settleHeld()
    }

    private mutating func decide(_ flows: [Flow], for index: SubscriberIndex) {
        guard let subscriber = subscribers[index] else { return }
        var granted: [Flow] = []
        var refused: [Flow] = []
        for flow in flows {
            let owner = owners[flow]?.subscriber
            let isFree = owner == index || owner == nil && owners.count < Self.maximumSessions
            if isFree, subscriber.subscription.covers(flow) {
                owners[flow] = Owner(subscriber: index, generation: subscriber.generation)
                granted.append(flow)
            } else {
                refused.append(flow)
            }
        }
        if !granted.isEmpty { messages.append((index, .granted(granted))) }
        if !refused.isEmpty { messages.append((index, .refused(refused))) }
    }
}
