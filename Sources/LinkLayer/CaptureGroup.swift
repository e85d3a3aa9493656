import CLinux
import CPcap  // Where the compiler may find the levels of socket options.
import Glibc

/// Captures that share one interface's frames, each taking those of one slice of the clients' ports.
///
/// The kernel steers (PACKET_FANOUT_CBPF), so a frame is copied once, into one ring. Until a capture has joined it gets
/// all frames, and packets that the steering cannot read go to the first; so each still has to look whose a frame is.
///
/// Source: Documentation/networking/packet_mmap.rst, "AF_PACKET fanout mode".
public struct CaptureGroup: Sendable {
    /// PACKET_FANOUT_FLAG_IGNORE_OUTGOING of linux/if_packet.h, since 6.2; kernels before do not look at it. A group has a hook of
    /// its own, which knows nothing of what its sockets were told about outgoing packets.
    private static let ignoresOutgoing: Int32 = 0x4000

    /// How many captures are to join, on one interface.
    public let slices: UInt16
    private let port: SteeredPort
    /// The kernel's number for the group, from when the first has joined.
    private var identifier: Int32?

    /// The most that the kernel takes.
    public static let maximumSlices: UInt16 = 256

    /// Precondition: 1 to `maximumSlices` slices.
    public init(slices: UInt16, port: SteeredPort) {
        precondition(
            (1...Self.maximumSlices).contains(slices), "a group has a slice, and no more than the kernel takes")
        self.slices = slices
        self.port = port
    }

    /// Takes in the capture of the next slice; the first to join has slice 0. A group of one leaves its capture as it is.
    public mutating func join(_ capture: borrowing LiveCapture) throws(SystemRefusal) {
        guard slices > 1 else { return }
        let socket = capture.descriptor
        let interface = capture.configuration.interface
        let flags = capture.configuration.direction == .incoming ? Self.ignoresOutgoing : 0
        guard let identifier else {
            try request(PACKET_FANOUT_FLAG_UNIQUEID | flags, of: 0, socket, interface)
            let program = SteeringProgram(slices: slices, port: port)
            try SystemCall.require("steer captured frames by", "client port on \(interface)") {
                unsafe program.instructions.withUnsafeBytes { bytes in
                    unsafe Int(
                        clinux_set_fanout_program(socket, bytes.baseAddress, UInt16(program.instructions.count)))
                }
            }
            self.identifier = Descriptor.option(SOL_PACKET, PACKET_FANOUT, of: socket).map { $0 & 0xffff }
            return
        }
        try request(flags, of: identifier, socket, interface)
    }

    private func request(
        _ flags: Int32, of identifier: Int32, _ socket: Int32, _ interface: String
    ) throws(SystemRefusal) {
        try SystemCall.require("share the frames of", interface) {
            let value = identifier | (PACKET_FANOUT_CBPF | flags) << 16
            return Descriptor.setOption(SOL_PACKET, PACKET_FANOUT, value, of: socket) ? 0 : -1
        }
    }
}
