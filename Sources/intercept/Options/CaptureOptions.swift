import ArgumentParser
import OperatorInterface

/// Where and how to listen to the target's answers.
struct CaptureOptions: ParsableArguments {
    @Option(
        name: [.customShort("i"), .customLong("capture-interface")],
        help: .init(
            "Where the target's answers arrive, comma separated, or 'any'. (required)", valueName: "interface"))
    var interfaces: String?

    @Option(
        name: [.customShort("F"), .customLong("filter")],
        help: .init(
            "pcap filter, e.g. 'tcp and src port 8080'. (default: derived from what tcpcopy asks for)",
            valueName: "filter"))
    var filter: String?

    @Option(
        name: [.customShort("B"), .customLong("capture-buffer")],
        help: .init("Kernel ring of each capture socket, MiB. (default: 64)", valueName: "MiB"),
        transform: wholeNumber(1...4096))
    var bufferMebibytes = 64

    @Option(
        help: .init(
            "Event loops, each with its share of the answers; best as many as tcpcopy has. (default: 1)",
            valueName: "count"),
        transform: wholeNumber(1...64))
    var shards = 1

    @Option(
        name: [.customShort("D"), .customLong("rewrite-destination")],
        help: .init(
            "An address pair behind a container's NAT: answers to 'from' are relayed as answers to 'to'.",
            valueName: "from-to"),
        transform: { try AddressRewrite($0) })
    var rewrite: AddressRewrite?

    @Flag(help: "Start although this host forwards IP packets: the target's answers may reach real clients.")
    var allowForwarding = false
}
