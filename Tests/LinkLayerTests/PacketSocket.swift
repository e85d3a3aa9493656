import CLinux
import Glibc
import Testing

/// An AF_PACKET socket among this process's descriptors, for a look at what the kernel gives it.
struct PacketSocket {
    let descriptor: Int32

    /// All that are open in a network; other suites of this process may have more elsewhere.
    static func all(in network: NetworkNamespace) -> [PacketSocket] {
        let numbers = network.inside { shell("awk 'NR > 1 { print $NF }' /proc/net/packet") }.split(separator: "\n")
        let names = Set(numbers.map { "socket:[\($0)]" })
        return (0..<4096).filter { names.contains(name(of: $0)) }.map(PacketSocket.init)
    }

    private static func name(of descriptor: Int32) -> String {
        var bytes = [CChar](repeating: 0, count: 64)
        let length = unsafe readlink("/proc/self/fd/\(descriptor)", &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
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
