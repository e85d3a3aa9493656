import CLinux
import Glibc
import Wire

/// All interfaces of this host's network, with their addresses, as they stand now.
public struct Interfaces: Sendable {
    public let all: [Interface]

    public init() throws(SystemRefusal) {
        var socket = try NetlinkSocket()
        try self.init(&socket)
    }

    init(_ socket: inout NetlinkSocket) throws(SystemRefusal) {
        var found: [Interface] = []
        let links = NetlinkRequest(Int(RTM_GETLINK), flags: NLM_F_DUMP, header: [UInt8](repeating: 0, count: 16))
        try socket.ask(links, "read", "the interfaces") { message in
            if let interface = Interface(message) { found.append(interface) }
        }
        let addresses = NetlinkRequest(Int(RTM_GETADDR), flags: NLM_F_DUMP, header: [UInt8](repeating: 0, count: 8))
        try socket.ask(addresses, "read", "the interfaces' addresses") { message in
            guard let (index, address) = Self.address(message) else { return }
            if let position = found.firstIndex(where: { $0.index == index }) {
                found[position].addresses.append(address)
            }
        }
        all = found
    }

    /// `ifaddrmsg`: 0 family, 1 prefix length, 2 flags, 3 scope, 4 interface index; 8 attributes.
    private static func address(_ message: borrowing NetlinkMessage) -> (index: Int, address: IPAddress)? {
        guard message.type == RTM_NEWADDR, message.body.byteCount >= 8 else { return nil }
        var (local, peer) = (IPAddress?.none, IPAddress?.none)
        message.attributes(after: 8) { kind, value in
            // On a point-to-point link IFA_ADDRESS is the other end's; IPv6 has IFA_ADDRESS alone.
            if kind == Int(IFA_LOCAL) { local = value.address }
            if kind == Int(IFA_ADDRESS) { peer = value.address }
        }
        guard let address = local ?? peer else { return nil }
        return (Int(message.body.native32(at: 4)), address)
    }

    public subscript(name name: String) -> Interface? { all.first { $0.name == name } }
    public subscript(index index: Int) -> Interface? { all.first { $0.index == index } }

    /// The index that a name has now; 0 for none.
    static func index(of name: String) -> Int { Int(unsafe if_nametoindex(name)) }

    /// The interface that an address belongs to.
    public func holding(_ address: IPAddress) -> Interface? { all.first { $0.addresses.contains(address) } }
}
