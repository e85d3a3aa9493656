import OperatorInterface

/// The replay itself: capture, engine, relay and injection, wired to each other.
enum Replay {
    static func run(
        _ configuration: Configuration, console: Console, started: @Sendable () -> Void
    ) async throws -> ExitStatus {
        throw Refusal("the replay is not wired yet", .software)
    }
}
