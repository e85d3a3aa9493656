import HeaderRelay
import LinkLayer
import NIOCore
import OperatorInterface
import ReplayEngine
import Wire

extension Shard {
    /// The shard that replays a slice, as the user wants it.
    convenience init(
        _ configuration: Configuration, _ slice: Slice, _ subscription: RelaySubscription?, _ ways: TargetWays,
        on loop: any EventLoop,
        onEvent: @escaping (ShardEvent) -> Void
    ) throws {
        self.init(
            settings: ReplaySettings(configuration, packetSizes: ways.packetSizes, slice: slice),
            injector: configuration.isDryRun || !configuration.replays
                ? nil : try Injector(configuration.injector, interfaces: ways.interfaces),
            addressing: ways.addressing, on: loop)
        self.onEvent = onEvent
        playback = try configuration.playback.map { settings throws(Refusal) in try Playback(settings, for: self) }
        guard let subscription else { return }
        relays = configuration.assistants.map { assistant in
            RelayClient(
                host: assistant.host, port: assistant.port, subscription: subscription,
                speaksVersion1: configuration.speaksVersion1, on: loop, delegate: self)
        }
    }
}
