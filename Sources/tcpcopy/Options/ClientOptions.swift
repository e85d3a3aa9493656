import ArgumentParser
import OperatorInterface
import Wire

/// Whose sessions are replayed, how often, and from which addresses.
struct ClientOptions: ParsableArguments {
    @Option(
        name: [.customShort("c"), .customLong("client-address")],
        help: .init(
            "Replace client addresses by these, comma separated: addresses, a.b.c.x (for a.b.c.1 to a.b.c.254), networks "
                + "as 10.1.0.0/16 or 2001:db8::/64. (default: keep the client's)",
            valueName: "addresses"))
    var addresses: String?

    @Option(
        name: [.customShort("H"), .customLong("localhost-address")],
        help: .init("The address that stands for clients at 127.0.0.1; without -c.", valueName: "address"),
        transform: readAddress)
    var localhostAddress: IPAddress?

    @Option(
        name: [.customShort("n"), .customLong("copies")],
        help: .init(
            "Replay every session this many times, 1 to 1023; copies have ports of their own. (default: 1)",
            valueName: "count"),
        transform: wholeNumber(1...1023))
    var copies = 1

    @Option(
        name: [.customShort("f"), .customLong("port-shift")],
        help: .init(
            "Which sixteenth of the ports rewritten ports are taken from, 1 to 15, or 0 for all: give each tcpcopy host "
                + "a different number. (default: 0)",
            valueName: "number"),
        transform: wholeNumber(0...15))
    var portShift = 0

    @Option(
        name: [.customShort("r"), .customLong("percent")],
        help: .init(
            "Share of the clients whose sessions are replayed, %, 1 to 100; the same clients in every run. (default: 100)",
            valueName: "percent"),
        transform: wholeNumber(1...100))
    var percent = 100

    @Flag(
        name: [.customShort("g"), .customLong("ramp")],
        help: "Begin with 1 % of the clients and add 1 point a second, up to -r.")
    var ramps = false

    @Flag(
        name: [.customShort("O"), .customLong("only-full-sessions")],
        help: "Ignore sessions whose SYN was not seen.")
    var onlyFullSessions = false
}

@Sendable private func readAddress(_ text: String) throws -> IPAddress {
    guard let address = IPAddress(text), address.isIPv4, !address.isLoopback, !address.isUnspecified,
        !address.isMulticast
    else { throw Refusal("an IPv4 address beside 127.0.0.0/8 is expected") }
    return address
}
