import ArgumentParser
import OperatorInterface

/// What to copy where, and through which assistants.
struct CopyOptions: ParsableArguments {
    @Option(
        name: [.customShort("x"), .customLong("transfer")],
        help: .init(
            "What to copy where, comma separated: \(TransferRule.shape). IPv6 in brackets. Without onlineIP: every "
                + "address of the capture interface. Without MACs: looked up. Before it may stand tcp/, udp/, or "
                + "udp-oneway/ for UDP that nobody answers. (required, except to record only)",
            valueName: "transfer"))
    var transfers: String?

    @Flag(help: "Transfers without tcp/ or udp/ before them are of UDP rather than TCP.")
    var udp = false

    @Option(
        name: [.customShort("s"), .customLong("assistant")],
        help: .init(
            "Hosts that run intercept, comma separated: HOST[:PORT]. (required, except with --dry-run or to record only)",
            valueName: "host"))
    var assistants: String?

    @Option(
        name: [.customShort("p"), .customLong("port")],
        help: .init("Assistants' TCP port where -s names none. (default: 36524)", valueName: "port"),
        transform: wholeNumber(1...65_535))
    var port = 36_524

    @Flag(
        name: [.customShort("L"), .customLong("lonely")],
        help: "Start although no assistant answers. (Once running it never exits for that.)")
    var isLonely = false

    @Option(
        help: .init(
            "Protocol spoken with intercept: 2, or 1 for an intercept of TCPCopy 1.x, IPv4 only. (default: 2)",
            valueName: "version"),
        transform: wholeNumber(1...2))
    var relayProtocol = 2
}
