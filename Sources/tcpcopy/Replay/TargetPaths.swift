import LinkLayer
import OperatorInterface
import Wire

/// How packets get to the targets: for each transfer its next hop on the link, and what fits a packet.
struct TargetPaths {
    private(set) var addressing: [LinkAddressing?]
    private(set) var packetSizes: [Int]

    init(_ configuration: Configuration) {
        addressing = configuration.transfers.map { _ in nil }
        packetSizes = configuration.transfers.map { _ in 1500 }
    }

    /// The interfaces that frames leave on.
    var interfaces: [String] {
        addressing.reduce(into: []) { names, address in
            if let name = address?.interfaceName, !names.contains(name) { names.append(name) }
        }
    }
}
