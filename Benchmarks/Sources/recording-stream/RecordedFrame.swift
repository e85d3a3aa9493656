import Wire

/// A record of a pcap file with an Ethernet frame in it, made once and changed where frames differ; one for each direction.
struct RecordedFrame {
    private var asked = Self.template
    private var answered = Self.template

    private static let ipStart = 30
    private static let tcpStart = 50
    private static let headerLength = 70
    /// Of the record alone.
    private static let recordHeaderLength = 16
    private static let largestPayload = 1_000

    private static var template: [UInt8] {
        var bytes = [UInt8](repeating: 0x61, count: headerLength + largestPayload)
        var span = bytes.mutableRawSpan
        span.storeBigEndian(0x0800 as UInt16, at: recordHeaderLength + 12)
        span.storeBigEndian(0x4500_0000 as UInt32, at: ipStart)
        span.storeBigEndian(0x0000_4000 as UInt32, at: ipStart + 4)
        span.storeBigEndian(0x4006_0000 as UInt32, at: ipStart + 8)
        span.storeBigEndian(0x5000_ffff as UInt32, at: tcpStart + 12)
        span.storeBigEndian(0 as UInt32, at: tcpStart + 16)
        return bytes
    }

    /// Frames are between these two from now on; clients have addresses and ports of their own by their number.
    mutating func address(client: Int, online: IPAddress) {
        let address = 0x0a00_0001 + UInt32(truncatingIfNeeded: client / 20_000 % 0xff_0000)
        let port = UInt16(10_000 + client % 20_000)
        var there = asked.mutableRawSpan
        there.storeBigEndian(address, at: Self.ipStart + 12)
        there.storeBigEndian(online.v4Bits, at: Self.ipStart + 16)
        there.storeBigEndian(port, at: Self.tcpStart)
        there.storeBigEndian(80 as UInt16, at: Self.tcpStart + 2)
        var back = answered.mutableRawSpan
        back.storeBigEndian(online.v4Bits, at: Self.ipStart + 12)
        back.storeBigEndian(address, at: Self.ipStart + 16)
        back.storeBigEndian(80 as UInt16, at: Self.tcpStart)
        back.storeBigEndian(port, at: Self.tcpStart + 2)
    }

    mutating func append(
        _ sequence: UInt32, _ acknowledgement: UInt32, _ flags: TCPFlags, length: Int, isAnswer: Bool,
        at microseconds: UInt64, to file: inout [UInt8]
    ) {
        if isAnswer {
            Self.write(sequence, acknowledgement, flags, length, microseconds, into: &answered)
            file += answered[..<(Self.headerLength + length)]
        } else {
            Self.write(sequence, acknowledgement, flags, length, microseconds, into: &asked)
            file += asked[..<(Self.headerLength + length)]
        }
    }

    private static func write(
        _ sequence: UInt32, _ acknowledgement: UInt32, _ flags: TCPFlags, _ length: Int, _ microseconds: UInt64,
        into frame: inout [UInt8]
    ) {
        let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let size = UInt32(headerLength - recordHeaderLength + length)
        var span = frame.mutableRawSpan
        span.storeBigEndian(UInt32(truncatingIfNeeded: seconds).byteSwapped, at: 0)
        span.storeBigEndian(UInt32(rest).byteSwapped, at: 4)
        span.storeBigEndian(size.byteSwapped, at: 8)
        span.storeBigEndian(size.byteSwapped, at: 12)
        span.storeBigEndian(UInt16(headerLength - ipStart + length), at: ipStart + 2)
        span.storeBigEndian(sequence, at: tcpStart + 4)
        span.storeBigEndian(acknowledgement, at: tcpStart + 8)
        span.store(flags.rawValue, at: tcpStart + 13)
    }
}
