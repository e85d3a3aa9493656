import LinkLayer

/// How packets leave for the targets, as known at one moment.
struct TargetWays: Sendable {
    /// For each transfer how its frames leave; nil where that is not known, or the kernel's business.
    var addressing: [LinkAddressing?]
    /// For each transfer the largest IP packet that its output interface takes.
    var packetSizes: [Int]

    /// The interfaces that frames leave on.
    var interfaces: [String] {
        addressing.reduce(into: []) { names, address in
            if let name = address?.interfaceName, !names.contains(name) { names.append(name) }
        }
    }
}
