import ArgumentParser
import LinkLayer
import OperatorInterface

/// How packets get to the target.
struct InjectionOptions: ParsableArguments {
    @Flag(help: "Inject whole Ethernet frames (data link) rather than raw IP packets.")
    var dlinject = false

    @Option(
        help: .init(
            "By which call frames are sent: pcap (pcap_inject), libnet, or packet (batched AF_PACKET); with --dlinject. "
                + "(default: pcap)",
            valueName: "call"),
        transform: frameInjector)
    var injector: InjectorKind?

    @Option(
        name: [.customShort("o"), .customLong("output-interface")],
        help: .init("Where frames leave; with --dlinject. (default: from the route)", valueName: "interface"))
    var outputInterface: String?

    @Option(
        name: [.customShort("M"), .customLong("mtu")],
        help: .init("Largest IP packet towards the target, bytes. (default: the interface's)", valueName: "bytes"),
        transform: wholeNumber(576...65_535))
    var mtu: Int?

    @Option(
        name: [.customShort("D"), .customLong("mss")],
        help: .init(
            "MSS offered in SYNs that tcpcopy makes itself, bytes. (default: from -M and the address family)",
            valueName: "bytes"),
        transform: wholeNumber(64...65_495))
    var mss: Int?
}

@Sendable private func frameInjector(_ text: String) throws -> InjectorKind {
    try oneOf(InjectorKind.allCases.filter { $0 != .raw }, text)
}
