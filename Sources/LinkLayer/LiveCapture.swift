import CPcap
import Glibc
import Wire

/// Frames from an interface, through libpcap's ring: lent one after another, never copied.
public struct LiveCapture: ~Copyable {
    public private(set) var configuration: CaptureConfiguration
    /// How its frames start.
    public let linkType: LinkType
    private let handle: PcapHandle
    private var counted = CaptureStatistics()

    /// Block by block, the kernel hands over a block that long after its first frame at the latest.
    ///
    /// The ring holds a quarter of a thousand blocks, full or not, so this is also how long it lasts while nobody reads: a
    /// second. And each block is a wake-up. What it costs is that a replay is so much behind.
    public static let blockMilliseconds = 4

    /// Opens the interface and starts to capture.
    ///
    /// - Throws: an unknown interface, a missing privilege, a filter that does not compile, each in libpcap's words.
    public init(_ configuration: CaptureConfiguration) throws(SystemRefusal) {
        let handle = try PcapHandle(
            interface: configuration.interface, purpose: "capture", snapshotLength: configuration.snapshotLength,
            bufferBytes: configuration.bufferMebibytes << 20, immediate: configuration.mode == .immediate,
            promiscuous: configuration.isPromiscuous && !configuration.isAnyInterface)
        if configuration.isAnyInterface {
            // Version 2 names the interface. A libpcap without it stays with version 1.
            _ = unsafe pcap_set_datalink(handle.pointer, DLT_LINUX_SLL2)
        }
        let number = unsafe pcap_datalink(handle.pointer)
        guard let linkType = LinkType(dataLink: number) else {
            let name = unsafe pcap_datalink_val_to_name(number).map { unsafe String(cString: $0) } ?? "\(number)"
            throw SystemRefusal("capture from", configuration.interface, reason: "its frames are of kind \(name)")
        }
        try handle.setDirection(configuration.direction)
        try handle.setFilter(configuration.wholeFilter)
        self.configuration = configuration
        self.linkType = linkType
        self.handle = handle
    }

    /// Non-blocking; readable when `dispatch` has something to do. A removed interface is noticed by `dispatch` only, so
    /// call that about once a second on a quiet descriptor too.
    public var descriptor: Int32 { handle.descriptor }

    /// Lends up to `limit` waiting frames to `body`, without waiting for more.
    ///
    /// - Returns: how many there were. An interface that is down has none; it goes on when it comes up again.
    /// - Throws: when the interface has gone for good; what was captured before remains counted.
    public mutating func dispatch(
        limit: Int, _ body: (borrowing CapturedFrame) -> Void
    ) throws(SystemRefusal) -> Int {
        let count = withoutActuallyEscaping(body) { body in
            var lending = Lending(body: body, linkType: linkType, direction: configuration.direction)
            return unsafe withUnsafeMutablePointer(to: &lending) { lending in
                unsafe pcap_dispatch(handle.pointer, Int32(clamping: limit), lend, UnsafeMutableRawPointer(lending))
            }
        }
        guard count >= 0 else {
            throw unsafe PcapHandle.refusal("capture from", configuration.interface, count, handle.pointer)
        }
        return Int(count)
    }

    /// Waits until `dispatch` has something to do; false when so many milliseconds are over.
    public func waitForFrames(_ milliseconds: Int32) -> Bool {
        SystemCall.wait(for: POLLIN, on: descriptor, milliseconds: milliseconds)
    }

    /// Replaces the filter; frames that wait in the ring are held against the new one.
    public mutating func setFilter(_ filter: String) throws(SystemRefusal) {
        var changed = configuration
        changed.filter = filter
        try handle.setFilter(changed.wholeFilter)
        configuration = changed
    }

    /// The kernel's counters. Costs a system call or two: read them by the second, not by the frame.
    public var statistics: CaptureStatistics {
        mutating get {
            var current = pcap_stat()
            if unsafe pcap_stats(handle.pointer, &current) == 0 {
                counted.add(
                    received: current.ps_recv, kernelDrops: current.ps_drop, interfaceDrops: current.ps_ifdrop)
            }
            return counted
        }
    }
}

/// What one `dispatch` hands through libpcap to `lend`.
private struct Lending {
    let body: (borrowing CapturedFrame) -> Void
    let linkType: LinkType
    let direction: CaptureConfiguration.Direction

    func isOutgoing(_ bytes: RawSpan) -> Bool? {
        // The packet type of if_packet.h, where the cooked headers have it; 4 is PACKET_OUTGOING.
        switch (linkType, direction) {
        case (.cooked, _) where bytes.byteCount >= 2: bytes.bigEndian16(at: 0) == 4
        case (.cookedV2, _) where bytes.byteCount >= 11: bytes.byte(at: 10) == 4
        case (_, .incoming): false
        case (_, .outgoing): true
        case (_, .both): nil
        }
    }
}

private func lend(
    _ lending: UnsafeMutablePointer<UInt8>?, _ header: UnsafePointer<pcap_pkthdr>?, _ bytes: UnsafePointer<UInt8>?
) {
    guard let lending = unsafe UnsafeMutableRawPointer(lending)?.assumingMemoryBound(to: Lending.self),
        let header = unsafe header, let bytes = unsafe bytes
    else { return }
    let span = unsafe RawSpan(_unsafeStart: bytes, byteCount: Int(header.pointee.caplen))
    // With nanosecond precision `tv_usec` holds nanoseconds.
    let time = unsafe header.pointee.ts
    unsafe lending.pointee.body(
        CapturedFrame(
            bytes: span, wireLength: Int(header.pointee.len),
            timestamp: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_usec),
            isOutgoing: lending.pointee.isOutgoing(span)))
}
