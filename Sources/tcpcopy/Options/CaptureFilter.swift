import Wire

/// The pcap filter that lets through what clients send to the online endpoints, and nothing else.
enum CaptureFilter {
    /// `tcp dst port 80 and (dst host 10.0.0.2 or dst host 10.0.1.2)`, one such term for each transfer, and one for each address
    /// that lets fragments pass, of which only an IPv4 datagram's first tells its port.
    ///
    /// Tags of VLANs are not in it: the capture adds the form `expr or (vlan and expr)` for them.
    static func text(for transfers: [ResolvedTransfer]) -> String {
        let terms = transfers.map(packets(of:)) + transfers.flatMap(fragments(of:))
        let distinct = terms.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return distinct.map { "(\($0))" }.joined(separator: " or ")
    }

    private static func packets(of transfer: ResolvedTransfer) -> String {
        let hosts = transfer.onlineAddresses.map { "dst host \($0)" }.joined(separator: " or ")
        let several = transfer.onlineAddresses.count > 1
        return "\(transport(of: transfer)) dst port \(transfer.onlinePort) and " + (several ? "(\(hosts))" : hosts)
    }

    /// `tcp` and `udp` look into an IPv6 fragment header too, where it comes first.
    private static func fragments(of transfer: ResolvedTransfer) -> [String] {
        transfer.onlineAddresses.map { address in
            let isFragment = address.isIPv4 ? "ip[6:2] & 0x1fff != 0" : "ip6[6] = 44"
            return "\(transport(of: transfer)) and \(isFragment) and dst host \(address)"
        }
    }

    private static func transport(of transfer: ResolvedTransfer) -> String { transfer.carrier.isUDP ? "udp" : "tcp" }
}
