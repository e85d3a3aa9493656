import Wire

/// Who asks for what, as the loops know it that capture but do not decide: a copy of what the router knew.
struct RelayRoutes: Sendable, Equatable {
    private struct Asker: Equatable {
        let index: SubscriberIndex
        let subscription: RelaySubscription
        /// Whether sessions are announced, so that only the router can tell whose one is.
        let isContested: Bool
    }

    private var askers: [Endpoint: [Asker]] = [:]
    /// The same for targets of UDP.
    private var answerAskers: [Endpoint: [Asker]] = [:]
    /// Whether the router may know owners of responses that no subscriber has asked for.
    private var hasStrangers = false

    /// Whose a header is, as far as can be told without knowing sessions.
    enum Claim: Equatable {
        case lone(SubscriberIndex)
        /// The router decides.
        case contested
        case unasked
    }

    init() {}

    init(subscribers: [Subscriber?], hasStrangers: Bool) {
        self.hasStrangers = hasStrangers
        for (index, subscriber) in subscribers.enumerated() {
            guard let subscriber else { continue }
            let asker = Asker(
                index: index, subscription: subscriber.subscription,
                isContested: hasStrangers || subscriber.announcing != .notRequired)
            for target in Set(subscriber.subscription.targets) { askers[target, default: []].append(asker) }
            for target in Set(subscriber.subscription.datagramTargets) {
                answerAskers[target, default: []].append(asker)
            }
        }
    }

    /// Whose a header is; its flow goes from target to client.
    func claim(_ header: borrowing SegmentHeader) -> Claim {
        var claim = hasStrangers ? Claim.contested : .unasked
        for asker in askers[header.flow.source] ?? [] where asker.subscription.covers(client: header.flow.destination) {
            guard claim == .unasked, !asker.isContested else { return .contested }
            claim = .lone(asker.index)
        }
        return claim
    }

    /// Calls `body` with everyone who asks for an answer of UDP; its flow goes from target to client.
    func forEachAsker(of answer: DatagramHeader, _ body: (SubscriberIndex) -> Void) {
        for asker in answerAskers[answer.flow.source] ?? []
        where asker.subscription.covers(client: answer.flow.destination) {
            body(asker.index)
        }
    }

    /// What of it may concern responses in `slice`: so a look-up does not grow with the number of shards.
    func within(_ slice: Slice) -> RelayRoutes {
        var part = self
        part.askers = Self.askers(askers, within: slice)
        part.answerAskers = Self.askers(answerAskers, within: slice)
        return part
    }

    private static func askers(_ askers: [Endpoint: [Asker]], within slice: Slice) -> [Endpoint: [Asker]] {
        askers.compactMapValues { askers in
            let own = askers.filter { $0.subscription.slice.overlaps(slice) }
            return own.isEmpty ? nil : own
        }
    }

    /// Whether each response in `slice` that is asked for goes to one of these subscribers, who ask for no other, and nobody
    /// has to decide.
    func isApart(_ slice: Slice, for own: Set<SubscriberIndex>) -> Bool {
        !hasStrangers
            && (Array(askers.values) + Array(answerAskers.values)).joined().allSatisfy {
                own.contains($0.index)
                    ? !$0.isContested && slice.contains($0.subscription.slice)
                    : !slice.overlaps($0.subscription.slice)
            }
    }
}
