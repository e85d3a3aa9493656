import CLinux
import Wire

/// One message from the kernel: its type, and its family's header with the attributes behind it.
struct NetlinkMessage: ~Escapable {
    static let headerLength = 16

    let type: Int
    /// The bytes after the netlink header.
    let body: RawSpan

    @_lifetime(copy body)
    init(type: Int, body: RawSpan) {
        self.type = type
        self.body = body
    }

    /// Lends every attribute behind a family's header of this length.
    func attributes(after headerLength: Int, _ body: (_ kind: Int, _ value: RawSpan) -> Void) {
        var offset = headerLength
        while offset + 4 <= self.body.byteCount {
            let length = Int(self.body.native16(at: offset))
            guard length >= 4, offset + length <= self.body.byteCount else { return }
            // The upper two bits are flags (NLA_F_NESTED, NLA_F_NET_BYTEORDER).
            body(
                Int(self.body.native16(at: offset + 2) & 0x3fff), self.body.extracting(offset + 4..<offset + length))
            offset += (length + 3) & ~3
        }
    }
}

extension RawSpan {
    /// The 16-bit number in this machine's byte order at `offset`. Precondition: in bounds.
    func native16(at offset: Int) -> UInt16 { bigEndian16(at: offset).bigEndian }

    /// The address that these bytes are: 4 for IPv4, 16 for IPv6; nil for any other number of bytes.
    var address: IPAddress? {
        switch byteCount {
        case 4: IPAddress(v4: bigEndian32(at: 0))
        case 16: IPAddress(high: bigEndian64(at: 0), low: bigEndian64(at: 8))
        default: nil
        }
    }
}
