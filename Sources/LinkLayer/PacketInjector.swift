import CLinux
import Glibc
import Wire

/// Ethernet frames through one AF_PACKET socket for all interfaces, 64 for one `sendmmsg`; bulk as large packets that the
/// kernel cuts.
struct PacketInjector: ~Copyable {
    private let socket: Descriptor
    private var offload: SegmentOffload
    private var waiting: MessageVector<sockaddr_ll>
    var statistics = InjectionStatistics()

    init() throws(SystemRefusal) {
        // Protocol 0: such a socket is never handed a received packet (packet(7)).
        let socket = try Descriptor(socket: AF_PACKET, Descriptor.raw, 0, subject: "injection of frames")
        socket.enlargeSendBuffer()
        let offload = try SegmentOffload()
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        waiting = MessageVector(address: address)
        self.socket = socket
        self.offload = offload
    }

    mutating func send(_ batch: inout PacketBatch, addressing: borrowing [LinkAddressing?]) {
        var patience = Patience()
        var index = 0
        // Up to here packets go one by one.
        var single = 0
        while index < batch.count {
            guard let hop = addressing[batch.entries[index].target] else {
                statistics.refuse(EHOSTUNREACH)
                index += 1
                continue
            }
            if index >= single, let run = batch.run(from: index), offload.takes(run, to: hop) {
                // What stands before it goes first.
                waiting.flush(to: socket.number, patience: &patience, statistics: &statistics)
                if offload.send(run, of: batch, to: hop) {
                    count(run)
                    index += run.count
                    continue
                }
                single = index + run.count
            }
            let frame = batch.ethernetFrame(index, from: hop.source, to: hop.destination)
            waiting.append(frame) { $0.sll_ifindex = Int32(truncatingIfNeeded: hop.interfaceIndex) }
            if waiting.isFull { waiting.flush(to: socket.number, patience: &patience, statistics: &statistics) }
            index += 1
        }
        waiting.flush(to: socket.number, patience: &patience, statistics: &statistics)
    }

    /// As the segments that become of it.
    private mutating func count(_ run: SegmentRun) {
        statistics.packets += run.count
        statistics.bytes += run.count * (PacketBatch.ethernetHeaderLength + run.headerLength) + run.payloadLength
    }
}
