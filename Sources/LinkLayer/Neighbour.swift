import CLinux
import Glibc
import Wire

/// A station on the link, as the kernel's neighbour table has it.
struct Neighbour: Hashable, Sendable {
    let interfaceIndex: Int
    let address: IPAddress
    /// Nil while its MAC address is not known.
    let linkAddress: MACAddress?
    /// Whether the table has forgotten it, or given it up after asking in vain.
    let isLost: Bool

    /// `ndmsg`: 0 family, 4 interface index, 8 state, 10 flags, 11 type; 12 attributes.
    init?(_ message: borrowing NetlinkMessage) {
        guard message.type == RTM_NEWNEIGH || message.type == RTM_DELNEIGH, message.body.byteCount >= 12 else {
            return nil
        }
        let state = Int32(message.body.native16(at: 8))
        let known = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP
        var (address, linkAddress) = (IPAddress?.none, MACAddress?.none)
        message.attributes(after: 12) { kind, value in
            if kind == Int(NDA_DST) { address = value.address }
            if kind == Int(NDA_LLADDR), value.byteCount == 6 { linkAddress = MACAddress(value, at: 0) }
        }
        guard let address else { return nil }
        interfaceIndex = Int(message.body.native32(at: 4))
        self.address = address
        self.linkAddress = message.type == RTM_NEWNEIGH && state & known != 0 ? linkAddress : nil
        isLost = state & NUD_FAILED != 0 || message.type == RTM_DELNEIGH
    }

    /// Asks the table for one neighbour; nil where it has none.
    init?(_ address: IPAddress, interfaceIndex: Int, _ socket: inout NetlinkSocket) {
        var header: [UInt8] = [UInt8(address.isIPv4 ? AF_INET : AF_INET6), 0, 0, 0]
        header += NetlinkRequest.bytes(UInt32(truncatingIfNeeded: interfaceIndex)) + [0, 0, 0, 0]
        var request = NetlinkRequest(Int(RTM_GETNEIGH), flags: 0, header: header)
        request.attach(Int(NDA_DST), address)
        var found: Neighbour?
        do throws(SystemRefusal) {
            try socket.ask(request, "find the neighbour", "\(address)") { found = Neighbour($0) ?? found }
        } catch {
            return nil
        }
        guard let found else { return nil }
        self = found
    }

    /// Makes the kernel resolve a neighbour, by an empty datagram to its discard port (RFC 863).
    static func provoke(_ address: IPAddress, on interface: borrowing Interface) throws(SystemRefusal) {
        let family = address.isIPv4 ? AF_INET : AF_INET6
        let socket = try Descriptor(
            socket: family, Int32(SOCK_DGRAM.rawValue), 0, subject: "asking for \(address) on \(interface.name)")
        try SystemCall.require("ask for", "\(address) on \(interface.name)") {
            unsafe interface.name.withCString { name in
                unsafe Int(
                    setsockopt(socket.number, SOL_SOCKET, SO_BINDTODEVICE, name, socklen_t(interface.name.utf8.count)))
            }
        }
        try SystemCall.require("ask for", "\(address) on \(interface.name)") {
            if address.isIPv4 {
                var destination = sockaddr_in(address, port: 9)
                return socket.sendNothing(to: &destination)
            } else {
                var destination = sockaddr_in6(address, port: 9, scope: interface.index)
                return socket.sendNothing(to: &destination)
            }
        }
    }
}
