import HeaderRelay
import Wire

/// The pcap filter that lets through the responses that tcpcopy asks for, and nothing else.
enum ResponseFilter {
    /// `tcp and ((src host 10.0.0.3 and (src port 80 or src port 443)) or (…))`, the same with `udp`, or both with `or` between
    /// them; nil when nothing is asked for.
    ///
    /// Client prefixes and slices are left to the relay. Tags of VLANs are the capture's business. Of a datagram in fragments
    /// the first one passes.
    static func text(for subscriptions: [RelaySubscription]) -> String? {
        let (tcp, udp) = (
            ports(of: subscriptions.flatMap(\.targets)), ports(of: subscriptions.flatMap(\.datagramTargets))
        )
        // In a settled order, so that the same subscriptions give the same text.
        let terms =
            (tcp.isEmpty ? [] : ["tcp and \(any(of: tcp.map(responses).sorted()))"])
            + (udp.isEmpty ? [] : ["udp and \(any(of: udp.map(answers).sorted()))"])
        return terms.count > 1 ? terms.map { "(\($0))" }.joined(separator: " or ") : terms.first
    }

    private static func ports(of targets: [Endpoint]) -> [IPAddress: Set<UInt16>] {
        targets.reduce(into: [:]) { $0[$1.address, default: []].insert($1.port) }
    }

    private static func responses(of address: IPAddress, at ports: Set<UInt16>) -> String {
        "(src host \(address) and \(any(of: ports.sorted().map { "src port \($0)" })))"
    }

    /// `src port` does not look behind an IPv6 fragment header, where the first fragment has the port.
    private static func answers(of address: IPAddress, at ports: Set<UInt16>) -> String {
        guard !address.isIPv4 else { return responses(of: address, at: ports) }
        let fragments = any(of: ports.sorted().map { "ip6[48:2] = \($0)" })
        return any(of: [
            responses(of: address, at: ports),
            "(src host \(address) and ip6[6] = 44 and ip6[42:2] & 0xfff8 = 0 and \(fragments))",
        ])
    }

    private static func any(of terms: [String]) -> String {
        terms.count == 1 ? terms[0] : "(\(terms.joined(separator: " or ")))"
    }
}
