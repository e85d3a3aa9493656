import CLinux
import Glibc
import Wire

/// Sends bulk as large packets that the kernel cuts, or hands to a device that does: one call, and one way through the
/// kernel, for up to 64 KiB of segments.
///
/// Source: packet(7), PACKET_VNET_HDR; the header before each frame is `struct virtio_net_hdr`.
@safe struct SegmentOffload: ~Copyable {
    private let socket: Descriptor
    /// The virtio header, then those of Ethernet, IP and TCP.
    private let headers: UnsafeMutableRawBufferPointer
    private let vectors: UnsafeMutablePointer<iovec>
    /// Cleared when the kernel refuses such a packet: then there is no more of it.
    private(set) var isUsable: Bool

    private static let virtioLength = MemoryLayout<virtio_net_hdr>.size
    private static let vectorCapacity = 128

    /// Opens a socket of its own. A kernel that does not know such packets is no error: it is not usable then.
    init() throws(SystemRefusal) {
        // Protocol 0: such a socket is never handed a received packet (packet(7)).
        socket = try Descriptor(socket: AF_PACKET, Descriptor.raw, 0, subject: "injection of frames")
        socket.enlargeSendBuffer()
        isUsable = socket.setOption(SOL_PACKET, PACKET_VNET_HDR, 1)
        unsafe headers = .allocate(byteCount: 192, alignment: 16)
        unsafe vectors = .allocate(capacity: Self.vectorCapacity)
        unsafe vectors.initialize(repeating: iovec(), count: Self.vectorCapacity)
    }

    deinit {
        unsafe headers.deallocate()
        unsafe vectors.deallocate()
    }

    /// Whether this run, towards this hop, may go as one.
    func takes(_ run: SegmentRun, to hop: LinkAddressing) -> Bool {
        isUsable && run.headerLength + run.segmentSize <= hop.mtu && run.count < Self.vectorCapacity
    }

    /// Sends the run; false when the kernel did not take it, so that its segments are to be sent one by one.
    mutating func send(_ run: SegmentRun, of batch: borrowing PacketBatch, to hop: LinkAddressing) -> Bool {
        writeHeaders(run, of: batch, to: hop)
        let length = Self.virtioLength + PacketBatch.ethernetHeaderLength + run.headerLength
        unsafe vectors[0] = iovec(iov_base: headers.baseAddress, iov_len: length)
        for index in 0..<run.count {
            let payload = batch.payload(run.first + index, of: run)
            let start = unsafe payload.withUnsafeBytes { $0.baseAddress }
            unsafe vectors[index + 1] = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: start), iov_len: payload.byteCount)
        }
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_ifindex = Int32(truncatingIfNeeded: hop.interfaceIndex)
        let outcome = unsafe withUnsafeMutablePointer(to: &address) { address in
            var message = unsafe msghdr()
            unsafe message.msg_name = UnsafeMutableRawPointer(address)
            unsafe message.msg_namelen = socklen_t(MemoryLayout<sockaddr_ll>.size)
            unsafe message.msg_iov = vectors
            unsafe message.msg_iovlen = run.count + 1
            return SystemCall.perform { unsafe sendmsg(socket.number, &message, Int32(MSG_DONTWAIT)) }
        }
        switch outcome {
        case .done: return true
        case .refused(EINVAL), .refused(EMSGSIZE), .refused(EOPNOTSUPP):
            isUsable = false
            return false
        // The queue is full, or the link is down: the segments by themselves wait, and are counted.
        case .busy, .refused: return false
        }
    }

    private func writeHeaders(_ run: SegmentRun, of batch: borrowing PacketBatch, to hop: LinkAddressing) {
        let network = PacketBatch.ethernetHeaderLength
        var virtio = virtio_net_hdr()
        virtio.flags = UInt8(VIRTIO_NET_HDR_F_NEEDS_CSUM)
        virtio.gso_type = UInt8(run.networkLength == 20 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6)
        virtio.hdr_len = UInt16(network + run.headerLength)
        virtio.gso_size = UInt16(run.segmentSize)
        virtio.csum_start = UInt16(network + run.networkLength)
        virtio.csum_offset = 16
        unsafe headers.storeBytes(of: virtio, as: virtio_net_hdr.self)
        var bytes = unsafe MutableRawSpan(_unsafeBytes: headers)
        batch.writeFrameHeaders(
            of: run, from: hop.source, to: hop.destination, into: &bytes, at: Self.virtioLength)
    }
}
