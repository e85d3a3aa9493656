import ArgumentParser
import OperatorInterface

/// How sessions are carried on towards the target.
struct ReplayOptions: ParsableArguments {
    @Flag(
        name: [.customShort("W"), .customLong("no-wait")],
        help: "Do not wait for an answer before the next request.")
    var neverWaits = false

    @Option(
        help: .init(
            "When capture lost bytes for good: reopen the session at its next exchange, or end it. (default: reopen)",
            valueName: "way"),
        transform: oneOf)
    var onHole = Configuration.HolePolicy.reopen

    @Option(
        name: [.customShort("R"), .customLong("rtt")],
        help: .init(
            "How late acknowledgements are sent, ms, to imitate a far client. (default: the client's round trip, "
                + "measured at its handshake)",
            valueName: "ms"),
        transform: wholeNumber(0...60_000))
    var roundTripMilliseconds: Int?

    @Option(
        name: [.customShort("m"), .customLong("memory")],
        help: .init(
            "What sessions and waiting payload may take, MB of 1,000,000 bytes; beyond it whole sessions are shed, the "
                + "newest first. One session may take a quarter of it. (default: 1024)",
            valueName: "MB"),
        transform: wholeNumber(16...1_048_576))
    var memoryMegabytes = 1024

    @Option(
        name: [.customShort("t"), .customLong("session-timeout")],
        help: .init("Without a word from the target for so long a session fails, s. (default: 600)", valueName: "s"),
        transform: wholeNumber(1...604_800))
    var sessionTimeout = 600

    @Option(
        name: [.customShort("k"), .customLong("keepalive-timeout")],
        help: .init("How long an answered, idle session is kept, s. (default: -t + 120)", valueName: "s"),
        transform: wholeNumber(1...604_920))
    var keepaliveTimeout: Int?

    @Option(
        help: .init(
            "Worker event loops, each with a share of the sessions. (default: online CPUs - 1, at least 1)",
            valueName: "count"),
        transform: wholeNumber(1...64))
    var shards: Int?

    @Flag(help: "Run the engine against a built-in answering target: captures, injects nothing, needs no -s.")
    var dryRun = false

    @Option(
        help: .init("Write the ledger there as JSON, every 30 s and at the end.", valueName: "file"))
    var ledger: String?
}
