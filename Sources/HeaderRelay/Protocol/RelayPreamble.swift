import NIOCore
import Wire

/// The eight bytes that each side sends first: `tcpcopy` in ASCII and the protocol version.
///
/// TCPCopy 1.x starts otherwise: with a record of 14 bytes, all zero but its type, which holds that protocol's version.
public enum RelayPreamble: Equatable, Sendable {
    case version(UInt8)
    /// A tcpcopy of TCPCopy 1.x, with what it calls its internal version.
    case tcpcopy1(version: UInt16)
    /// Whatever connected is no tcpcopy and no intercept.
    case foreign

    static let byteCount = 8
    private static let name: UInt64 = 0x7463_7063_6f70_7900

    /// Tells from a connection's first eight bytes what speaks there.
    init(_ firstBytes: UInt64) {
        if firstBytes & ~0xff == Self.name {
            self = .version(UInt8(truncatingIfNeeded: firstBytes))
        } else if let version = UInt16(exactly: firstBytes), version > 0 {
            self = .tcpcopy1(version: version)
        } else {
            self = .foreign
        }
    }

    /// Writes this build's own preamble.
    static func write(to buffer: inout ByteBuffer) {
        buffer.writeInteger(name | UInt64(RelayProtocol.version))
    }
}
