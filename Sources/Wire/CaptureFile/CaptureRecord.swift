/// A captured frame in a capture file: what is known of it, and where its bytes lie in the reader.
public struct CaptureRecord: Equatable, Sendable {
    /// How the frame starts; nil for a kind that no TCP packet is read from.
    public let linkType: LinkType?
    /// Nanoseconds since the epoch.
    public let timestamp: Int64
    /// Bytes on the wire; never fewer than are in the file.
    public let wireLength: Int
    /// Where its bytes lie in the reader's buffer.
    let range: Range<Int>

    init(linkType: LinkType?, timestamp: Int64, wireLength: Int, range: Range<Int>) {
        self.linkType = linkType
        self.timestamp = timestamp
        self.wireLength = max(wireLength, range.count)
        self.range = range
    }
}

extension LinkType {
    /// The link type with this LINKTYPE_ number; nil for one that no TCP packet is read from.
    ///
    /// Some systems write their own number for raw IP (12, 14), some tell the version (228, 229); OpenBSD's loopback (108)
    /// differs from BSD's in the byte order of the address family only, which the IP version makes superfluous.
    ///
    /// Source: https://www.tcpdump.org/linktypes.html
    public init?(captureFileNumber number: UInt16) {
        switch number {
        case 108: self = .null
        case 12, 14, 228, 229: self = .raw
        default: self.init(rawValue: number)
        }
    }
}
