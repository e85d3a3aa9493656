import CLinux
import Glibc

/// An AF_PACKET socket among this process's descriptors, for a look at what the kernel gives it.
struct PacketSocket {
    let descriptor: Int32

    /// All that are open now. Suites that open such sockets are serialized among themselves and with each other.
    static func ofThisProcess() -> [PacketSocket] {
        (0..<1024).map(PacketSocket.init).filter { $0.option(SOL_SOCKET, SO_DOMAIN) == AF_PACKET }
    }

    /// Frames that have passed the socket's filter since this was read last.
    var received: Int32? { option(SOL_PACKET, PACKET_STATISTICS, size: 8) }

    /// Bytes that wait to be read.
    var waiting: Int32 {
        var count: Int32 = 0
        return unsafe ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? count : -1
    }

    private func option(_ level: Int32, _ option: Int32, size: Int = 4) -> Int32? {
        var (values, length): ((Int32, Int32, Int32), socklen_t) = ((0, 0, 0), socklen_t(size))
        return unsafe getsockopt(descriptor, level, option, &values, &length) == 0 ? values.0 : nil
    }
}
