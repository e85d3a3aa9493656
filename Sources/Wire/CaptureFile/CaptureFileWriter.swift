/// Writes frames as a pcapng file of one section, little-endian, with nanosecond time stamps.
///
/// Bytes gather in the writer until they are taken. An interface is described before its first frame.
public struct CaptureFileWriter: Sendable {
    private struct Interface: Equatable, Sendable {
        let name: String
        let linkType: LinkType
    }

    private var interfaces: [Interface] = []
    private var blocks = PcapngBlocks()

    public init() { blocks.addSectionHeader() }

    /// Bytes that wait to be taken.
    public var byteCount: Int { blocks.byteCount }

    /// Takes what was written since the last time, for the file.
    public mutating func takeBytes() -> [UInt8] {
        defer { blocks.removeAll() }
        return Array(blocks.bytes)
    }

    /// Adds a frame.
    ///
    /// - Parameters:
    ///   - interface: where it was captured.
    ///   - timestamp: nanoseconds since the epoch; an earlier one is written as the epoch.
    public mutating func append(
        _ frame: RawSpan, wireLength: Int, timestamp: Int64, linkType: LinkType, interface name: String
    ) {
        let interface = index(of: Interface(name: name, linkType: linkType))
        blocks.addPacket(frame, wireLength: wireLength, timestamp: timestamp, interface: interface)
    }

    private mutating func index(of interface: Interface) -> Int {
        if let index = interfaces.firstIndex(of: interface) { return index }
        interfaces.append(interface)
        blocks.addInterface(interface.name, linkType: interface.linkType)
        return interfaces.count - 1
    }
}
