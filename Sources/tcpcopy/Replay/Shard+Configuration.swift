import HeaderRelay
import LinkLayer
import NIOCore
import OperatorInterface
import ReplayEngine

extension Shard {
    /// The shard that replays the slice of `subscription`, as the user wants it.
    convenience init(
        _ configuration: Configuration, _ subscription: RelaySubscription, _ ways: TargetWays, on loop: any EventLoop,
        onEvent: @escaping (ShardEvent) -> Void
    ) throws {
        self.init(
            settings: ReplaySettings(configuration, packetSizes: ways.packetSizes, slice: subscription.slice),
            injector: configuration.isDryRun
                ? nil : try Injector(configuration.injector, interfaces: ways.interfaces),
            addressing: ways.addressing, on: loop)
        self.onEvent = onEvent
        playback = try configuration.playback.map { settings throws(Refusal) in try Playback(settings, for: self) }
        relays = configuration.assistants.map { assistant in
            RelayClient(
                host: assistant.host, port: assistant.port, subscription: subscription,
                speaksVersion1: configuration.speaksVersion1, on: loop, delegate: self)
        }
    }
}
