import Glibc
import Wire

extension sockaddr_in {
    /// Precondition: an IPv4 address.
    init(_ address: IPAddress, port: UInt16 = 0) {
        self.init()
        sin_family = sa_family_t(AF_INET)
        sin_port = port.bigEndian
        sin_addr.s_addr = address.v4Bits.bigEndian
    }
}

extension sockaddr_in6 {
    /// - Parameter scope: the interface's index, which a link-local address needs.
    init(_ address: IPAddress, port: UInt16 = 0, scope: Int = 0) {
        self.init()
        sin6_family = sa_family_t(AF_INET6)
        sin6_port = port.bigEndian
        sin6_scope_id = UInt32(truncatingIfNeeded: scope)
        unsafe withUnsafeMutableBytes(of: &sin6_addr) { bytes in
            unsafe bytes.storeBytes(of: address.high.bigEndian, toByteOffset: 0, as: UInt64.self)
            unsafe bytes.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
    }
}
