import NIOCore
import Wire

/// A header record of TCPCopy 1.x, 64 bytes: an IPv4 header without options, a TCP header, 24 bytes for TCP options.
///
/// ```
///  0 version, IHL   2 total length 16   6 flags   8 TTL   9 protocol   12 source 32   16 destination 32      (RFC 791)
/// 20 source port 16   22 destination port 16   24 sequence 32   28 acknowledgement 32   32 data offset
/// 33 flags   34 window 16   38 urgent pointer 16   40 options                                              (RFC 9293)
/// ```
/// No payload follows; the total length still tells its size. Nobody looks at the checksums.
extension SegmentHeader {
    private enum Offset {
        static let versionAndLength = 0
        static let totalLength = 2
        static let fragment = 6
        static let timeToLive = 8
        static let transport = 9
        static let source = 12
        static let destination = 16
        static let tcp = 20
        static let sourcePort = 20
        static let destinationPort = 22
        static let sequence = 24
        static let acknowledgement = 28
        static let dataOffset = 32
        static let flags = 33
        static let window = 34
        static let urgentPointer = 38
        static let options = 40
    }

    /// Reads a record of which `bytes` are all.
    ///
    /// An intercept of TCPCopy 1.x leaves out IP options, but not their length, and cuts TCP options: what is left of
    /// these is read.
    init(version1 bytes: RawSpan) throws(RelayFault) {
        let internetHeader = Int(bytes.byte(at: Offset.versionAndLength) & 0x0f) * 4
        let transportHeader = Int(bytes.byte(at: Offset.dataOffset) >> 4) * 4
        let payloadLength = Int(bytes.bigEndian16(at: Offset.totalLength)) - internetHeader - transportHeader
        guard bytes.byte(at: Offset.versionAndLength) >> 4 == 4, internetHeader >= 20, transportHeader >= 20,
            bytes.byte(at: Offset.transport) == TCPSegment.transport, payloadLength >= 0
        else { throw .version1(.badHeader) }
        let optionsEnd = min(Offset.tcp + transportHeader, Version1.headerByteCount)
        self.init(
            flow: Flow(
                from: Endpoint(
                    IPAddress(v4: bytes.bigEndian32(at: Offset.source)), bytes.bigEndian16(at: Offset.sourcePort)),
                to: Endpoint(
                    IPAddress(v4: bytes.bigEndian32(at: Offset.destination)),
                    bytes.bigEndian16(at: Offset.destinationPort))),
            sequence: SequenceNumber(bytes.bigEndian32(at: Offset.sequence)),
            acknowledgement: SequenceNumber(bytes.bigEndian32(at: Offset.acknowledgement)),
            flags: TCPFlags(rawValue: bytes.byte(at: Offset.flags)),
            window: bytes.bigEndian16(at: Offset.window),
            urgentPointer: bytes.bigEndian16(at: Offset.urgentPointer),
            options: TCPOptions(cut: bytes.extracting(Offset.options..<optionsEnd)),
            payloadLength: payloadLength)
    }

    /// Appends a record to `buffer`. Precondition: both addresses are IPv4, and the segment's length fits 16 bits.
    func writeVersion1(to buffer: inout ByteBuffer) {
        let options = options.cut(to: Version1.optionByteCount)
        let optionLength = options.byteCount
        let start = buffer.readableBytes
        buffer.writeRepeatingByte(0, count: Version1.headerByteCount)
        var bytes = buffer.mutableReadableBytesSpan
        bytes.store(0x45, at: start + Offset.versionAndLength)
        bytes.storeBigEndian(
            UInt16(clamping: Offset.options + optionLength + payloadLength), at: start + Offset.totalLength)
        bytes.store(dontFragment, at: start + Offset.fragment)
        bytes.store(64, at: start + Offset.timeToLive)
        bytes.store(TCPSegment.transport, at: start + Offset.transport)
        bytes.storeBigEndian(flow.sourceAddress.v4Bits, at: start + Offset.source)
        bytes.storeBigEndian(flow.destinationAddress.v4Bits, at: start + Offset.destination)
        bytes.storeBigEndian(flow.sourcePort, at: start + Offset.sourcePort)
        bytes.storeBigEndian(flow.destinationPort, at: start + Offset.destinationPort)
        bytes.storeBigEndian(sequence.rawValue, at: start + Offset.sequence)
        bytes.storeBigEndian(acknowledgement.rawValue, at: start + Offset.acknowledgement)
        bytes.store(UInt8(20 + optionLength) << 2, at: start + Offset.dataOffset)
        bytes.store(flags.rawValue, at: start + Offset.flags)
        bytes.storeBigEndian(window, at: start + Offset.window)
        bytes.storeBigEndian(urgentPointer, at: start + Offset.urgentPointer)
        options.write(to: &bytes, at: start + Offset.options)
    }
}

private let dontFragment: UInt8 = 0x40

extension TCPOptions {
    /// The same with as many SACK blocks as fit `count` bytes; all other options together take 24.
    fileprivate func cut(to count: Int) -> TCPOptions {
        guard byteCount > count else { return self }
        var rest = self
        rest.sackBlocks = SACKBlocks()
        for index in 0..<sackBlocks.count where rest.byteCount + (index == 0 ? 12 : 8) <= count {
            rest.sackBlocks.append(sackBlocks[index])
        }
        return rest
    }
}
