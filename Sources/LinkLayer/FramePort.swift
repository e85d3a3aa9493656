import CLinux
import Glibc

/// A handle through which a library sends frames on one interface, one a call. It never receives.
protocol FramePort: AnyObject {
    init(interface: String) throws(SystemRefusal)
    var descriptor: Int32 { get }
    /// Sends one frame; negative, with errno set, when it was refused.
    func send(_ frame: RawSpan) -> Int
}

extension Descriptor {
    /// Makes a library's packet socket deaf, and lets it refuse rather than wait: such sockets listen to all that passes.
    static func makeDeaf(_ descriptor: Int32, interface: String) throws(SystemRefusal) {
        try SystemCall.require("silence the injecting socket of", interface) {
            Int(clinux_reject_everything(descriptor))
        }
        // What this host sends is then not even offered to the filter (since 4.20).
        setOption(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, of: descriptor)
        // Libnet's socket would be offered the frames of all interfaces. The bound one keeps its protocol: packet(7)
        // sends by it, so a protocol that never comes in would spare the filter and mark every frame with it.
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_ifindex = Int32(truncatingIfNeeded: Interfaces.index(of: interface))
        try SystemCall.require("silence the injecting socket of", interface) { bind(descriptor, to: &address) }
        discardReceived(descriptor)
        try SystemCall.require("open", "\(interface) for injection") {
            let flags = fcntl(descriptor, F_GETFL)
            return Int(flags < 0 ? flags : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK))
        }
        enlargeSendBuffer(of: descriptor)
    }

    /// Frees what the socket heard before it was made deaf: it would be kept for as long as the socket lives.
    private static func discardReceived(_ descriptor: Int32) {
        var byte: UInt8 = 0
        while unsafe recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) >= 0 {}
        // Reading the counters sets them to zero.
        var (counters, length) = (tpacket_stats(), socklen_t(MemoryLayout<tpacket_stats>.size))
        _ = unsafe getsockopt(descriptor, SOL_PACKET, PACKET_STATISTICS, &counters, &length)
    }

    func enlargeSendBuffer() { Self.enlargeSendBuffer(of: number) }

    /// Room for some thousand frames; without the privilege the kernel's limit applies.
    private static func enlargeSendBuffer(of descriptor: Int32) {
        if !setOption(SOL_SOCKET, SO_SNDBUFFORCE, 4 << 20, of: descriptor) {
            setOption(SOL_SOCKET, SO_SNDBUF, 4 << 20, of: descriptor)
        }
    }
}
