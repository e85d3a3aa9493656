import CPcap
import Wire

/// Tries pcap filters before anything is opened; needs no privilege.
public enum FilterCheck {
    /// Compiles `filter` for frames of `linkType`.
    ///
    /// - Throws: a refusal in libpcap's words.
    public static func compile(_ filter: String, linkType: LinkType = .ethernet) throws(SystemRefusal) {
        guard let pointer = unsafe pcap_open_dead(linkType.dataLink, 262_144) else {
            throw SystemRefusal("use the filter", "\"\(filter)\"", reason: "libpcap has no memory for it")
        }
        defer { unsafe pcap_close(pointer) }
        var program = unsafe bpf_program()
        guard unsafe pcap_compile(pointer, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
            throw SystemRefusal("use the filter", "\"\(filter)\"", reason: unsafe String(cString: pcap_geterr(pointer)))
        }
        unsafe pcap_freecode(&program)
    }
}
