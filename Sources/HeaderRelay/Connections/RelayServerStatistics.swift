/// What a relay server has done since it started.
///
/// Every published header ends in exactly one place: `published = relayed + drops.total + held`.
public struct RelayServerStatistics: Sendable {
    /// Headers handed to `publish`.
    public var published = 0
    /// Headers given to the connection of their subscriber.
    public var relayed = 0
    /// Headers that wait for their owner at the moment.
    public var held = 0
    public var drops = HeaderDrops()
    /// Headers that ever had to wait for their owner.
    public var everHeld = 0
    /// tcpcopy processes that are connected and subscribed at the moment, by however many shards each.
    public var subscribers = 0
    /// Connections taken so far.
    public var connections = 0
    /// Connections closed because of what they sent.
    public var faults = 0
    /// Connections closed because nothing was heard from them.
    public var silences = 0
    public var version1 = Version1Statistics()

    public init() {}

    /// Adds what a lane has published.
    public mutating func add(_ lane: RelayServerStatistics) {
        published += lane.published
        relayed += lane.relayed
        drops += lane.drops
    }
}
