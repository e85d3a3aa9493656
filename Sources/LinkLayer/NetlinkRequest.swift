import CLinux
import Wire

/// One request to the kernel's routing tables, written attribute by attribute.
///
/// ```
/// 0 length (4)   4 type (2)   6 flags (2)   8 sequence (4)   12 port (4)   16 the family's header, attributes
/// attribute:  0 length (2)   2 kind (2)   4 value, padded to four bytes
/// ```
/// Source: netlink(7), rtnetlink(7). All numbers are in this machine's byte order.
struct NetlinkRequest {
    private(set) var bytes: [UInt8] = []

    /// The kernel ends its answer by an acknowledgement, or, with NLM_F_DUMP, by NLMSG_DONE.
    ///
    /// - Parameter header: the family's header (`rtmsg`, `ndmsg`, …), a multiple of four bytes.
    init(_ type: Int, flags: Int32, header: [UInt8]) {
        append(UInt32(0))
        append(UInt16(type))
        append(UInt16(NLM_F_REQUEST | NLM_F_ACK | flags))
        append(UInt32(0))
        append(UInt32(0))
        bytes += header
        complete()
    }

    mutating func attach(_ kind: Int, _ value: [UInt8]) {
        append(UInt16(4 + value.count))
        append(UInt16(kind))
        bytes += value
        while bytes.count % 4 != 0 { bytes.append(0) }
        complete()
    }

    mutating func attach(_ kind: Int, _ value: UInt32) { attach(kind, Self.bytes(value)) }

    mutating func attach(_ kind: Int, _ address: IPAddress) {
        attach(
            kind,
            address.isIPv4
                ? Self.bytes(address.v4Bits.bigEndian)
                : Self.bytes(address.high.bigEndian) + Self.bytes(address.low.bigEndian))
    }

    private mutating func append(_ number: some FixedWidthInteger) { bytes += Self.bytes(number) }

    private mutating func complete() {
        bytes.replaceSubrange(0..<4, with: Self.bytes(UInt32(bytes.count)))
    }

    /// A number as it lies in memory.
    static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        let bytes = (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number.littleEndian >> ($0 * 8)) }
        return bytes
    }
}
