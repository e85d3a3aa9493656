import CLinux
import Glibc
import Wire

/// A network interface as it stood when it was read.
public struct Interface: Hashable, Sendable {
    public let index: Int
    public let name: String
    /// Nil where the interface has no Ethernet address.
    public let address: MACAddress?
    /// The largest IP packet, in bytes.
    public let mtu: Int
    /// Whether an operator has switched it on; a cable may still be missing.
    public let isUp: Bool
    public let isLoopback: Bool
    /// Whether frames on it start with an Ethernet header: also true of `lo`.
    public let isEthernet: Bool
    /// Whether it stands for a routing table of its own (VRF): what arrives for it is seen there as leaving.
    public let isVRF: Bool
    /// Its IPv4 and IPv6 addresses.
    public internal(set) var addresses: [IPAddress] = []

    /// `ifinfomsg`: 0 family, 2 hardware type, 4 index, 8 flags, 12 change; 16 attributes.
    init?(_ message: borrowing NetlinkMessage) {
        guard message.type == RTM_NEWLINK, message.body.byteCount >= 16 else { return nil }
        let (etherType, loopbackType): (UInt16, UInt16) = (1, 772)
        let flags = message.body.native32(at: 8)
        let type = message.body.native16(at: 2)
        index = Int(message.body.native32(at: 4))
        isUp = flags & UInt32(IFF_UP) != 0
        isLoopback = flags & UInt32(IFF_LOOPBACK) != 0
        isEthernet = type == etherType || type == loopbackType
        var (name, address, mtu, isVRF) = ("", MACAddress?.none, 0, false)
        message.attributes(after: 16) { kind, value in
            switch kind {
            case Int(IFLA_IFNAME): name = value.text
            case Int(IFLA_ADDRESS) where value.byteCount == 6: address = MACAddress(value, at: 0)
            case Int(IFLA_MTU) where value.byteCount == 4: mtu = Int(value.native32(at: 0))
            case Int(IFLA_LINKINFO):
                NetlinkMessage(type: 0, body: value).attributes(after: 0) { kind, value in
                    if kind == Int(IFLA_INFO_KIND) { isVRF = value.text == "vrf" }
                }
            default: break
            }
        }
        self.name = name
        self.address = address
        self.mtu = mtu
        self.isVRF = isVRF
    }
}

extension RawSpan {
    /// Characters up to the first zero byte.
    fileprivate var text: String {
        var characters: [UInt8] = []
        for offset in 0..<byteCount where byte(at: offset) != 0 { characters.append(byte(at: offset)) }
        return String(decoding: characters, as: UTF8.self)
    }
}
