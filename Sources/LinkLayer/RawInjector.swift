import Glibc
import Wire

/// IP packets through raw sockets, one for each family: this host's kernel routes and frames them.
///
/// Sources: raw(7), ipv6(7). A socket of IPPROTO_RAW takes the IP header from the packet and never receives.
struct RawInjector: ~Copyable {
    private let socketV4: Descriptor
    private let socketV6: Descriptor
    private var waitingV4: MessageVector<sockaddr_in>
    private var waitingV6: MessageVector<sockaddr_in6>
    var statistics = InjectionStatistics()

    init() throws(SystemRefusal) {
        let (raw, number) = (Descriptor.raw, Int32(IPPROTO_RAW))
        socketV4 = try Descriptor(socket: AF_INET, raw, number, subject: "injection of IPv4 packets")
        socketV4.enlargeSendBuffer()
        waitingV4 = MessageVector(address: sockaddr_in())
        // A host without IPv6 still injects IPv4.
        socketV6 =
            (try? Descriptor(socket: AF_INET6, raw, number, subject: "injection of IPv6 packets")) ?? Descriptor()
        socketV6.enlargeSendBuffer()
        waitingV6 = MessageVector(address: sockaddr_in6())
    }

    mutating func send(_ batch: inout PacketBatch) {
        var patience = Patience()
        for index in 0..<batch.count {
            let packet = batch.packet(index)
            if packet.byte(at: 0) >> 4 == 4 {
                let destination = IPAddress(v4: packet.bigEndian32(at: 16))
                waitingV4.append(packet) { $0 = sockaddr_in(destination) }
                if waitingV4.isFull { flushV4(&patience) }
            } else if !socketV6.isOpen {
                statistics.refuse(EAFNOSUPPORT)
            } else {
                let destination = IPAddress(high: packet.bigEndian64(at: 24), low: packet.bigEndian64(at: 32))
                waitingV6.append(packet) { $0 = sockaddr_in6(destination) }
                if waitingV6.isFull { flushV6(&patience) }
            }
        }
        flushV4(&patience)
        flushV6(&patience)
    }

    private mutating func flushV4(_ patience: inout Patience) {
        waitingV4.flush(to: socketV4.number, patience: &patience, statistics: &statistics)
    }

    private mutating func flushV6(_ patience: inout Patience) {
        waitingV6.flush(to: socketV6.number, patience: &patience, statistics: &statistics)
    }
}
