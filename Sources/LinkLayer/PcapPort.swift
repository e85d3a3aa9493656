import CPcap
import Wire

/// Sends frames by `pcap_inject`.
final class PcapPort: FramePort {
    private let handle: PcapHandle

    init(interface: String) throws(SystemRefusal) {
        // Libpcap can't open a handle that does not capture: the smallest ring, then out of the receive path with it.
        handle = try PcapHandle(
            interface: interface, purpose: "injection", snapshotLength: 64, bufferBytes: 64 << 10, immediate: true,
            promiscuous: false)
        guard LinkType(dataLink: unsafe pcap_datalink(handle.pointer)) == .ethernet else {
            throw SystemRefusal("inject into", interface, reason: "it is no Ethernet interface")
        }
        try Descriptor.makeDeaf(handle.descriptor, interface: interface)
    }

    var descriptor: Int32 { handle.descriptor }

    func send(_ frame: RawSpan) -> Int {
        unsafe frame.withUnsafeBytes { unsafe Int(pcap_inject(handle.pointer, $0.baseAddress, $0.count)) }
    }
}
