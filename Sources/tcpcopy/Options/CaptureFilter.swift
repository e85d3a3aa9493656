import Wire

/// The pcap filter that lets through what clients send to the online endpoints, and nothing else.
enum CaptureFilter {
    /// `tcp dst port 80 and (dst host 10.0.0.2 or dst host 10.0.1.2)`, one such term for each transfer.
    ///
    /// Tags of VLANs are not in it: the capture adds the form `expr or (vlan and expr)` for them.
    static func text(for transfers: [ResolvedTransfer]) -> String {
        let terms = transfers.map { transfer in
            let hosts = transfer.onlineAddresses.map { "dst host \($0)" }.joined(separator: " or ")
            let several = transfer.onlineAddresses.count > 1
            return "tcp dst port \(transfer.onlinePort) and " + (several ? "(\(hosts))" : hosts)
        }
        return terms.count == 1 ? terms[0] : terms.map { "(\($0))" }.joined(separator: " or ")
    }
}
