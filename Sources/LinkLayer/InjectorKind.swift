/// The ways to inject, by the names that operators choose them with.
public enum InjectorKind: String, CaseIterable, Sendable {
    /// Ethernet frames, one `pcap_inject` each.
    case pcap
    /// Ethernet frames, one `libnet_adv_write_link` each.
    case libnet
    /// Ethernet frames, 64 for one `sendmmsg` on an AF_PACKET socket: the cheapest.
    case packet
    /// IP packets, 64 for one `sendmmsg` on raw IP sockets: routed and framed by this host's kernel.
    case raw
}
