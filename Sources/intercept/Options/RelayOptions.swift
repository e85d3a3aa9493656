import ArgumentParser
import OperatorInterface
import Wire

/// Where tcpcopy connects.
struct RelayOptions: ParsableArguments {
    @Option(
        name: [.customShort("p"), .customLong("port")],
        help: .init("TCP port for tcpcopy. (default: 36524)", valueName: "port"),
        transform: wholeNumber(1...65_535))
    var port = 36_524

    @Option(
        name: [.customShort("b"), .customLong("bind")],
        help: .init("Address of this host for tcpcopy to connect to. (default: all)", valueName: "address"),
        transform: readAddress)
    var address: IPAddress?
}

@Sendable private func readAddress(_ text: String) throws -> IPAddress {
    guard let address = IPAddress(text) else { throw Refusal("an IPv4 or IPv6 address is expected") }
    return address
}
