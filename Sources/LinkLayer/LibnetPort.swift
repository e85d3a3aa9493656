import CLibnet

/// Sends frames by `libnet_adv_write_link`.
@safe final class LibnetPort: FramePort {
    private let context: UnsafeMutablePointer<libnet_t>

    init(interface: String) throws(SystemRefusal) {
        var text = [CChar](repeating: 0, count: Int(LIBNET_ERRBUF_SIZE))
        guard let context = unsafe libnet_init(Int32(LIBNET_LINK_ADV), interface, &text) else {
            throw SystemRefusal("open", "\(interface) for injection", reason: String(errorBuffer: text))
        }
        unsafe self.context = context
        try Descriptor.makeDeaf(descriptor, interface: interface)
    }

    deinit { unsafe libnet_destroy(context) }

    var descriptor: Int32 { unsafe libnet_getfd(context) }

    func send(_ frame: RawSpan) -> Int {
        unsafe frame.withUnsafeBytes { bytes in
            unsafe Int(
                libnet_adv_write_link(
                    context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(bytes.count)))
        }
    }
}
