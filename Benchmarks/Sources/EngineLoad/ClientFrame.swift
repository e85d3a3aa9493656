import Wire

/// A client's segment as an Ethernet frame, made once and changed where clients differ.
struct ClientFrame {
    static let payloadLength = 200
    static let online = IPAddress(v4: 0x0aff_0002)
    static let onlinePort: UInt16 = 80

    private var bytes: [UInt8]
    private static let ipStart = 14
    private static let tcpStart = 34
    private static let headerLength = 66

    init() {
        bytes = [UInt8](repeating: 0x61, count: Self.headerLength + Self.payloadLength)
        var span = bytes.mutableRawSpan
        span.storeBigEndian(0x0800 as UInt16, at: 12)
        span.storeBigEndian(0x4500_0000 as UInt32, at: Self.ipStart)
        span.storeBigEndian(0x0000_4000 as UInt32, at: Self.ipStart + 4)
        span.storeBigEndian(0x4006_0000 as UInt32, at: Self.ipStart + 8)
        span.storeBigEndian(Self.online.v4Bits, at: Self.ipStart + 16)
        span.storeBigEndian(Self.onlinePort, at: Self.tcpStart + 2)
        span.storeBigEndian(0x8000_ffff as UInt32, at: Self.tcpStart + 12)
        span.storeBigEndian(0 as UInt32, at: Self.tcpStart + 16)
        // No operation, no operation, timestamps.
        span.storeBigEndian(0x0101_080a as UInt32, at: Self.tcpStart + 20)
        span.storeBigEndian(0 as UInt32, at: Self.tcpStart + 28)
    }

    mutating func set(
        client: Int, sequence: UInt32, acknowledgement: UInt32, flags: TCPFlags, payloadLength: Int, clock: UInt32
    ) {
        let addressAndPort = (UInt32(client >> 12), UInt16(truncatingIfNeeded: 10_000 + client & 0xfff))
        let length = Self.headerLength - Self.ipStart + payloadLength
        var span = bytes.mutableRawSpan
        span.storeBigEndian(UInt16(truncatingIfNeeded: length), at: Self.ipStart + 2)
        span.storeBigEndian(0x0a00_0001 + addressAndPort.0, at: Self.ipStart + 12)
        span.storeBigEndian(addressAndPort.1, at: Self.tcpStart)
        span.storeBigEndian(sequence, at: Self.tcpStart + 4)
        span.storeBigEndian(acknowledgement, at: Self.tcpStart + 8)
        span.store(flags.rawValue, at: Self.tcpStart + 13)
        span.storeBigEndian(clock, at: Self.tcpStart + 24)
    }

    @_lifetime(borrow self)
    func bytes(payloadLength: Int) -> RawSpan {
        bytes.rawSpan.extracting(0..<Self.headerLength + payloadLength)
    }
}
