import ArgumentParser
import OperatorInterface

/// Where and how to listen to the clients.
struct CaptureOptions: ParsableArguments {
    @Option(
        name: [.customShort("i"), .customLong("capture-interface")],
        help: .init(
            "Where to listen, comma separated, or 'any'. (default: the interface that holds onlineIP, else any)",
            valueName: "interface"))
    var interfaces: String?

    @Option(
        name: [.customShort("F"), .customLong("filter")],
        help: .init("pcap filter instead of the one derived from -x.", valueName: "filter"))
    var filter: String?

    @Option(
        name: [.customShort("B"), .customLong("capture-buffer")],
        help: .init("Kernel ring of each capture socket, MiB. (default: 64)", valueName: "MiB"),
        transform: wholeNumber(1...4096))
    var bufferMebibytes: Int?

    @Option(
        name: [.customShort("S"), .customLong("snaplen")],
        help: .init("Bytes kept of each captured packet. (default: 262144)", valueName: "bytes"),
        transform: wholeNumber(128...262_144))
    var snapshotLength: Int?

    /// Each option, and whether it was given.
    var given: [(option: String, isGiven: Bool)] {
        [
            ("-i", interfaces != nil), ("-F", filter != nil), ("-B", bufferMebibytes != nil),
            ("-S", snapshotLength != nil),
        ]
    }
}
