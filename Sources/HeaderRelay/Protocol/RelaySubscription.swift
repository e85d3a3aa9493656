import Wire

/// Which responses a tcpcopy asks for: those of these targets, to these clients, in one slice.
///
/// A response is asked for when its source is one of `targets` (of `datagramTargets`, if it is one of UDP), its destination
/// address lies in one of `clients` and its destination port belongs to `slice`.
public struct RelaySubscription: Equatable, Sendable {
    public let instance: RelayInstance
    /// Of TCP. There is at least one target of either kind.
    public let targets: [Endpoint]
    public let datagramTargets: [Endpoint]
    /// Empty for all.
    public let clients: [AddressPrefix]
    public let slice: Slice

    /// Of both kinds together. More do not fit a message.
    public static let maximumTargets = 1_024
    public static let maximumClients = 2_048

    /// Nil without a target, or with more than `maximumTargets` targets or `maximumClients` client prefixes.
    public init?(
        instance: RelayInstance, targets: [Endpoint], datagramTargets: [Endpoint] = [], clients: [AddressPrefix] = [],
        slice: Slice = .whole
    ) {
        guard (1...Self.maximumTargets).contains(targets.count + datagramTargets.count),
            clients.count <= Self.maximumClients
        else { return nil }
        self.instance = instance
        self.targets = targets
        self.datagramTargets = datagramTargets
        self.clients = clients
        self.slice = slice
    }

    /// Whether the responses of a session are asked for.
    ///
    /// - Parameter flow: from client to target.
    public func covers(_ flow: Flow) -> Bool {
        covers(client: flow.source) && targets.contains(flow.destination)
    }

    /// The same without a look at the target.
    func covers(client: Endpoint) -> Bool {
        slice.contains(port: client.port) && (clients.isEmpty || clients.contains { $0.contains(client.address) })
    }

    /// Whether some response of TCP is asked for by both. Those of UDP are given to all who ask.
    func overlaps(_ other: RelaySubscription) -> Bool {
        guard slice.overlaps(other.slice), !Set(targets).isDisjoint(with: other.targets) else { return false }
        guard !clients.isEmpty, !other.clients.isEmpty else { return true }
        return clients.contains { prefix in other.clients.contains(where: prefix.overlaps) }
    }

    /// Whether a connection with the other subscription replaces one with this.
    func isSuccessor(of other: RelaySubscription) -> Bool { instance == other.instance && slice == other.slice }
}
