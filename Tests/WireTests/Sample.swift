import Wire

/// Packets put together byte by byte, so that tests can also make them wrong.
enum Sample {
    static let clientV4 = IPAddress("192.0.2.1")!
    static let targetV4 = IPAddress("198.51.100.2")!
    static let clientV6 = IPAddress("2001:db8::1")!
    static let targetV6 = IPAddress("2001:db8:1::2")!

    static func big(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)] }
    static func big(_ number: UInt32) -> [UInt8] {
        big(UInt16(number >> 16)) + big(UInt16(truncatingIfNeeded: number))
    }
    static func big(_ number: UInt64) -> [UInt8] {
        big(UInt32(number >> 32)) + big(UInt32(truncatingIfNeeded: number))
    }

    /// A TCP segment; `options` is padded to a multiple of four bytes.
    static func tcp(_ payload: [UInt8] = Array("hello".utf8), options: [UInt8] = [], flags: UInt8 = 0x18) -> [UInt8] {
        let padded = options + Array(repeating: 0, count: (4 - options.count % 4) % 4)
        return big(UInt16(40_000)) + big(UInt16(80)) + big(UInt32(1001)) + big(UInt32(7001))
            + [UInt8((20 + padded.count) / 4) << 4, flags] + big(UInt16(502)) + big(UInt16(0)) + big(UInt16(0)) + padded
            + payload
    }

    /// A UDP datagram without a checksum.
    ///
    /// - Parameter length: the length field; nil for the true one.
    static func udp(_ payload: [UInt8] = Array("hello".utf8), length: Int? = nil) -> [UInt8] {
        big(UInt16(40_000)) + big(UInt16(53)) + big(UInt16(length ?? 8 + payload.count)) + big(UInt16(0)) + payload
    }

    /// - Parameter totalLength: the length field; nil for the true one.
    static func ipv4(
        _ transport: [UInt8], options: [UInt8] = [], totalLength: Int? = nil, fragment: UInt16 = 0x4000,
        protocolNumber: UInt8 = 6
    ) -> [UInt8] {
        let header = 20 + options.count
        return [0x40 | UInt8(header / 4), 0x28] + big(UInt16(totalLength ?? header + transport.count))
            + big(UInt16(7)) + big(fragment) + [64, protocolNumber] + big(UInt16(0)) + big(clientV4.v4Bits)
            + big(targetV4.v4Bits) + options + transport
    }

    /// An extension header and its number: the bytes after next header and length.
    struct Extension {
        let number: UInt8
        let content: [UInt8]

        static let hopByHop = Extension(number: 0, content: [1, 4, 0, 0, 0, 0])
        static let routing = Extension(number: 43, content: Array(repeating: 0, count: 14))
        static let atomicFragment = Extension(number: 44, content: [0, 0, 1, 2, 3, 4])
        static let destinationOptions = Extension(number: 60, content: [1, 4, 0, 0, 0, 0])
        static let mobility = Extension(number: 135, content: Array(repeating: 0, count: 6))
        static let all = [hopByHop, destinationOptions, routing, atomicFragment, mobility]
    }

    /// - Parameter payloadLength: the length field; nil for the true one.
    static func ipv6(
        _ transport: [UInt8], extensions: [Extension] = [], payloadLength: Int? = nil, protocolNumber: UInt8 = 6
    ) -> [UInt8] {
        let numbers = extensions.map(\.number) + [protocolNumber]
        let chain = extensions.enumerated().flatMap { index, one in
            // A fragment header has no length of its own; its second byte is reserved.
            [numbers[index + 1], one.number == 44 ? 0 : UInt8((one.content.count + 2) / 8 - 1)] + one.content
        }
        return [0x62, 0x80, 0, 0] + big(UInt16(payloadLength ?? chain.count + transport.count)) + [numbers[0], 64]
            + big(clientV6.high) + big(clientV6.low) + big(targetV6.high) + big(targetV6.low) + chain + transport
    }

    /// A packet behind each kind of link-layer header, with the length of that header.
    static func frames(_ packet: [UInt8]) -> [(name: String, linkType: LinkType, headerLength: Int, bytes: [UInt8])] {
        let type: [UInt8] = packet[0] >> 4 == 4 ? [0x08, 0x00] : [0x86, 0xdd]
        let stations: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]
        let tag: [UInt8] = [0x81, 0x00, 0x20, 0x07]
        let serviceTag: [UInt8] = [0x88, 0xa8, 0x00, 0x09]
        let cooked: [UInt8] = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]
        let cookedV2: [UInt8] = [0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]
        let headers: [(String, LinkType, [UInt8])] = [
            ("Ethernet", .ethernet, stations + type), ("VLAN", .ethernet, stations + tag + type),
            ("QinQ", .ethernet, stations + serviceTag + tag + type),
            ("old QinQ", .ethernet, stations + [0x91, 0x00, 0, 9] + tag + type),
            ("cooked", .cooked, cooked + type), ("cooked VLAN", .cooked, cooked + tag + type),
            ("cooked v2", .cookedV2, type + cookedV2),
            ("cooked v2 VLAN", .cookedV2, tag[..<2] + cookedV2 + tag[2...] + type),
            ("raw", .raw, []), ("null", .null, [2, 0, 0, 0]),
        ]
        return headers.map { name, linkType, header in (name, linkType, header.count, header + packet) }
    }
}
