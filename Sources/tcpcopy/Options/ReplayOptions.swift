import ArgumentParser
import OperatorInterface
import Wire

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
        name: [.customShort("H"), .customLong("localhost-address")],
        help: .init("The address that stands for clients at 127.0.0.1.", valueName: "address"),
        transform: readAddress)
    var localhostAddress: IPAddress?

    @Flag(help: "Run the engine against a built-in answering target: captures, injects nothing, needs no -s.")
    var dryRun = false

    @Option(
        help: .init("Write the ledger there as JSON, every 30 s and at the end.", valueName: "file"))
    var ledger: String?
}

@Sendable private func readAddress(_ text: String) throws -> IPAddress {
    guard let address = IPAddress(text), address.isIPv4, !address.isLoopback, !address.isUnspecified,
        !address.isMulticast
    else { throw Refusal("an IPv4 address beside 127.0.0.0/8 is expected") }
    return address
}
