import CLinux
import Glibc
import Wire

/// Where the kernel would send a packet: out of which interface, to which neighbour.
struct Route: Hashable, Sendable {
    let interfaceIndex: Int
    /// The gateway, or the target itself where it is on the link.
    let nextHop: IPAddress
    /// Whether the target is this host itself.
    let isLocal: Bool

    /// Asks for the route to `target`, out of a given interface if one is given.
    ///
    /// - Throws: no route, or one that forbids.
    init(to target: IPAddress, interfaceIndex: Int?, _ socket: inout NetlinkSocket) throws(SystemRefusal) {
        // `rtmsg`: 0 family, 1 destination's prefix length, 2 source's, 3 TOS, 4 table, 5 protocol, 6 scope, 7 type,
        // 8 flags; 12 attributes.
        let family = target.isIPv4 ? AF_INET : AF_INET6
        var request = NetlinkRequest(
            Int(RTM_GETROUTE), flags: 0,
            header: [UInt8(family), UInt8(target.bitWidth), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        request.attach(Int(RTA_DST.rawValue), target)
        if let interfaceIndex { request.attach(Int(RTA_OIF.rawValue), UInt32(truncatingIfNeeded: interfaceIndex)) }
        var (type, index, gateway) = (0, 0, IPAddress?.none)
        try socket.ask(request, "find a route to", "\(target)") { message in
            guard message.type == RTM_NEWROUTE, message.body.byteCount >= 12 else { return }
            type = Int(message.body.byte(at: 7))
            message.attributes(after: 12) { kind, value in
                switch kind {
                case Int(RTA_OIF.rawValue) where value.byteCount == 4: index = Int(value.native32(at: 0))
                case Int(RTA_GATEWAY.rawValue): gateway = value.address
                // An IPv4 route through an IPv6 gateway: a family number, then the address.
                case Int(RTA_VIA.rawValue) where value.byteCount > 2: gateway = value.extracting(2...).address
                default: break
                }
            }
        }
        guard type == RTN_UNICAST || type == RTN_LOCAL, index > 0 else {
            throw SystemRefusal("find a route to", "\(target)", code: EHOSTUNREACH)
        }
        self.interfaceIndex = index
        nextHop = gateway ?? target
        isLocal = type == RTN_LOCAL
    }
}
