import CLinux
import CPcap
import Glibc
import Wire

/// An activated libpcap handle, closed with the value.
@safe struct PcapHandle: ~Copyable {
    let pointer: OpaquePointer
    let interface: String

    /// - Parameter purpose: what it is opened for, as errors put it: `capture`.
    init(
        interface: String, purpose: String, snapshotLength: Int, bufferBytes: Int, immediate: Bool, promiscuous: Bool
    ) throws(SystemRefusal) {
        var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let pointer = unsafe pcap_create(interface, &text) else {
            throw SystemRefusal("open", "\(interface) for \(purpose)", reason: String(errorBuffer: text))
        }
        unsafe pcap_set_snaplen(pointer, Int32(clamping: snapshotLength))
        unsafe pcap_set_promisc(pointer, promiscuous ? 1 : 0)
        unsafe pcap_set_buffer_size(pointer, Int32(clamping: bufferBytes))
        unsafe pcap_set_immediate_mode(pointer, immediate ? 1 : 0)
        unsafe pcap_set_timeout(pointer, Int32(LiveCapture.blockMilliseconds))
        unsafe pcap_set_tstamp_precision(pointer, PCAP_TSTAMP_PRECISION_NANO)
        let status = unsafe pcap_activate(pointer)
        guard status >= 0, unsafe pcap_setnonblock(pointer, 1, &text) == 0 else {
            let refusal = unsafe Self.refusal("open", "\(interface) for \(purpose)", status, pointer)
            unsafe pcap_close(pointer)
            throw refusal
        }
        unsafe self.pointer = pointer
        self.interface = interface
    }

    deinit { unsafe pcap_close(pointer) }

    /// The descriptor to poll.
    var descriptor: Int32 { unsafe pcap_get_selectable_fd(pointer) }

    func setFilter(_ text: String) throws(SystemRefusal) {
        var program = unsafe bpf_program()
        guard unsafe pcap_compile(pointer, &program, text, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
            throw SystemRefusal("use the filter", "\"\(text)\"", reason: unsafe String(cString: pcap_geterr(pointer)))
        }
        defer { unsafe pcap_freecode(&program) }
        guard unsafe pcap_setfilter(pointer, &program) == 0 else {
            throw SystemRefusal("set the filter of", interface, reason: unsafe String(cString: pcap_geterr(pointer)))
        }
    }

    func setDirection(_ direction: CaptureConfiguration.Direction) throws(SystemRefusal) {
        let value =
            switch direction {
            case .both: PCAP_D_INOUT
            case .incoming: PCAP_D_IN
            case .outgoing: PCAP_D_OUT
            }
        guard unsafe pcap_setdirection(pointer, value) == 0 else {
            throw SystemRefusal("set the direction of", interface, reason: unsafe String(cString: pcap_geterr(pointer)))
        }
        // Libpcap sorts frames out when they are in the ring already; since 4.20 the kernel can leave them out.
        if direction == .incoming { Descriptor.setOption(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, of: descriptor) }
    }

    /// The error that a negative status stands for; libpcap keeps details for the general one only.
    static func refusal(_ operation: String, _ subject: String, _ status: Int32, _ pointer: OpaquePointer)
        -> SystemRefusal
    {
        let detail = unsafe String(cString: pcap_geterr(pointer))
        let general = unsafe String(cString: pcap_statustostr(status))
        let code: Int32? =
            switch status {
            case PCAP_ERROR_NO_SUCH_DEVICE: ENODEV
            case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED: EPERM
            case PCAP_ERROR_IFACE_NOT_UP: ENETDOWN
            default: nil
            }
        return SystemRefusal(operation, subject, reason: code == nil && !detail.isEmpty ? detail : general, code: code)
    }
}

extension String {
    /// What a C library wrote into its error buffer, without the line's end that libnet puts there.
    init(errorBuffer: [CChar]) {
        let bytes = errorBuffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        self.init(decoding: bytes.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
