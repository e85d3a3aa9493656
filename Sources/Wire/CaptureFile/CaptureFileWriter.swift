/// Writes frames as a pcapng file of one section, little-endian, with nanosecond time stamps.
///
/// Bytes gather in the writer until they are taken. An interface is described before its first frame.
public struct CaptureFileWriter: Sendable {
    private struct Interface: Equatable, Sendable {
        let name: String
        let linkType: LinkType
    }

    private var interfaces: [Interface] = []
    private var buffer: [UInt8] = []

    public init() {
        block(PcapngSection.headerType, bodyLength: 16) { block in
            block.put(PcapngSection.byteOrderMagic)
            block.put(1 as UInt16)
            block.put(0 as UInt16)
            // The section's length is not known.
            block.put(UInt32.max)
            block.put(UInt32.max)
        }
    }

    /// Bytes that wait to be taken.
    public var byteCount: Int { buffer.count }

    /// Takes what was written since the last time, for the file.
    public mutating func takeBytes() -> [UInt8] {
        defer { buffer = [] }
        return buffer
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
        let padding = -frame.byteCount & 3
        block(PcapngSection.BlockType.enhancedPacket.rawValue, bodyLength: 20 + frame.byteCount + padding) { block in
            let stamp = UInt64(max(0, timestamp))
            block.put(UInt32(interface))
            block.put(UInt32(truncatingIfNeeded: stamp >> 32))
            block.put(UInt32(truncatingIfNeeded: stamp))
            block.put(UInt32(clamping: frame.byteCount))
            block.put(UInt32(clamping: wireLength))
            block.put(frame)
            block.pad(padding)
        }
    }

    private mutating func index(of interface: Interface) -> Int {
        if let index = interfaces.firstIndex(of: interface) { return index }
        interfaces.append(interface)
        let name = Array(interface.name.utf8.prefix(255))
        let padding = -name.count & 3
        block(
            PcapngSection.BlockType.interfaceDescription.rawValue, bodyLength: 8 + 4 + name.count + padding + 8 + 4
        ) { block in
            block.put(interface.linkType.rawValue)
            block.put(0 as UInt16)
            block.put(0 as UInt32)
            // if_name
            block.put(2 as UInt16)
            block.put(UInt16(name.count))
            block.put(name.rawSpan)
            block.pad(padding)
            // if_tsresol: nanoseconds
            block.put(9 as UInt16)
            block.put(1 as UInt16)
            block.put(9 as UInt32)
            // opt_endofopt
            block.put(0 as UInt32)
        }
        return interfaces.count - 1
    }

    private mutating func block(_ type: UInt32, bodyLength: Int, _ body: (inout [UInt8]) -> Void) {
        let length = UInt32(bodyLength + 12)
        buffer.put(type)
        buffer.put(length)
        body(&buffer)
        buffer.put(length)
    }
}

extension [UInt8] {
    fileprivate mutating func put(_ number: UInt16) {
        append(UInt8(truncatingIfNeeded: number))
        append(UInt8(truncatingIfNeeded: number >> 8))
    }

    fileprivate mutating func put(_ number: UInt32) {
        put(UInt16(truncatingIfNeeded: number))
        put(UInt16(truncatingIfNeeded: number >> 16))
    }

    fileprivate mutating func put(_ bytes: RawSpan) {
        let start = count
        pad(bytes.byteCount)
        var span = mutableRawSpan
        span.copy(bytes, to: start)
    }

    fileprivate mutating func pad(_ count: Int) { append(contentsOf: repeatElement(0, count: count)) }
}
