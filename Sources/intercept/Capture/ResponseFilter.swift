import HeaderRelay
import Wire

/// The pcap filter that lets through the responses that tcpcopy asks for, and nothing else.
enum ResponseFilter {
    /// `tcp and ((src host 10.0.0.3 and (src port 80 or src port 443)) or (…))`; nil when nothing is asked for.
    ///
    /// Client prefixes and slices are left to the relay. Tags of VLANs are the capture's business.
    static func text(for subscriptions: [RelaySubscription]) -> String? {
        var ports: [IPAddress: Set<UInt16>] = [:]
        for target in subscriptions.flatMap(\.targets) { ports[target.address, default: []].insert(target.port) }
        guard !ports.isEmpty else { return nil }
        let terms = ports.map { address, ports in
            "(src host \(address) and \(any(of: ports.sorted().map { "src port \($0)" })))"
        }
        // In a settled order, so that the same subscriptions give the same text.
        return "tcp and \(any(of: terms.sorted()))"
    }

    private static func any(of terms: [String]) -> String {
        terms.count == 1 ? terms[0] : "(\(terms.joined(separator: " or ")))"
    }
}
