import CLinux
import Glibc
import Wire

/// Ethernet frames through one AF_PACKET socket for all interfaces, 64 for one `sendmmsg`.
struct PacketInjector: ~Copyable {
    private let socket: Descriptor
    private var waiting: MessageVector<sockaddr_ll>
    var statistics = InjectionStatistics()

    init() throws(SystemRefusal) {
        // Protocol 0: such a socket is never handed a received packet (packet(7)).
        socket = try Descriptor(socket: AF_PACKET, Descriptor.raw, 0, subject: "injection of frames")
        socket.enlargeSendBuffer()
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        waiting = MessageVector(address: address)
    }

    mutating func send(_ batch: inout PacketBatch, addressing: borrowing [LinkAddressing?]) {
        var patience = Patience()
        for index in 0..<batch.count {
            guard let hop = addressing[batch.entries[index].target] else {
                statistics.refuse(EHOSTUNREACH)
                continue
            }
            let frame = batch.ethernetFrame(index, from: hop.source, to: hop.destination)
            waiting.append(frame) { $0.sll_ifindex = Int32(truncatingIfNeeded: hop.interfaceIndex) }
            if waiting.isFull { waiting.flush(to: socket.number, patience: &patience, statistics: &statistics) }
        }
        waiting.flush(to: socket.number, patience: &patience, statistics: &statistics)
    }
}
