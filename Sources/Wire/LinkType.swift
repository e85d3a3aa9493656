/// How a captured frame starts: libpcap's link-layer header types that a TCP packet can come in.
///
/// Source: https://www.tcpdump.org/linktypes.html; raw values are the LINKTYPE_ numbers.
public enum LinkType: UInt16, Sendable, CaseIterable {
    /// BSD loopback: four bytes of address family in the capturing host's byte order.
    case null = 0
    case ethernet = 1
    /// The IP header comes first, its version tells which.
    case raw = 101
    /// Linux "cooked" v1: 16 bytes, as the device `any` gives.
    case cooked = 113
    /// Linux "cooked" v2: 20 bytes.
    case cookedV2 = 276
}
