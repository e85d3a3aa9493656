import Testing
import Wire

/// Length fields that are 0, too large or too small, each met in real captures or from attackers.
@Suite struct LengthTests {
    private func segment(_ packet: [UInt8], captured: Int? = nil, wireLength: Int? = nil) throws(WireError)
        -> (payloadLength: Int, captured: Int)
    {
        let bytes = packet.rawSpan.extracting(first: captured ?? packet.count)
        let segment = try TCPSegment(frame: bytes, linkType: .raw, wireLength: wireLength ?? packet.count)
        return (segment.header.payloadLength, segment.payload.byteCount)
    }

    private func fault(_ packet: [UInt8], captured: Int? = nil, wireLength: Int? = nil) -> WireError? {
        do throws(WireError) {
            _ = try segment(packet, captured: captured, wireLength: wireLength)
            return nil
        } catch {
            return error
        }
    }

    static let payload = [UInt8](repeating: 7, count: 100)

    @Test func `a length field of 0, as offloaded super-segments have it, is the frame's length`() throws {
        let big = [UInt8](repeating: 1, count: 70_000)
        #expect(try segment(Sample.ipv4(Sample.tcp(Self.payload), totalLength: 0)).payloadLength == 100)
        #expect(try segment(Sample.ipv4(Sample.tcp(big), totalLength: 0)) == (70_000, 70_000))
        #expect(try segment(Sample.ipv6(Sample.tcp(Self.payload), payloadLength: 0)).payloadLength == 100)
        #expect(try segment(Sample.ipv6(Sample.tcp(big), payloadLength: 0)) == (70_000, 70_000))
    }

    @Test func `a length field of 0 in a capture that was cut still tells what was on the wire`() throws {
        let packet = Sample.ipv4(Sample.tcp(Self.payload), totalLength: 0)
        #expect(try segment(packet, captured: 60, wireLength: 140) == (100, 20))
    }

    @Test func `a length field beyond the capture tells what was on the wire`() throws {
        #expect(try segment(Sample.ipv4(Sample.tcp(Self.payload)), captured: 50, wireLength: 140) == (100, 10))
        #expect(try segment(Sample.ipv6(Sample.tcp(Self.payload)), captured: 60, wireLength: 160) == (100, 0))
    }

    @Test func `a length field beyond the wire is refused`() {
        #expect(fault(Sample.ipv4(Sample.tcp(Self.payload), totalLength: 141))?.kind == .badLength)
        #expect(fault(Sample.ipv4(Sample.tcp(Self.payload), totalLength: 65_535))?.kind == .badLength)
        #expect(fault(Sample.ipv6(Sample.tcp(Self.payload), payloadLength: 121))?.kind == .badLength)
        #expect(fault(Sample.ipv6(Sample.tcp(Self.payload), payloadLength: 65_535))?.kind == .badLength)
    }

    @Test func `a length field that ends before the headers do is refused`() {
        for length in 1..<40 {
            #expect(fault(Sample.ipv4(Sample.tcp(Self.payload), totalLength: length))?.kind == .badLength)
        }
        for length in 1..<20 {
            #expect(fault(Sample.ipv6(Sample.tcp(Self.payload), payloadLength: length))?.kind == .badLength)
        }
        let extended = Sample.ipv6(Sample.tcp(Self.payload), extensions: Sample.Extension.all, payloadLength: 30)
        #expect(fault(extended)?.kind == .badLength)
    }

    @Test func `Ethernet padding after a short packet is not payload`() throws {
        for padding in 0...46 {
            for packet in [Sample.ipv4(Sample.tcp([])), Sample.ipv4(Sample.tcp([9])), Sample.ipv6(Sample.tcp([]))] {
                let frame = Sample.frames(packet)[0].bytes + [UInt8](repeating: 0xee, count: padding)
                let segment = try TCPSegment(frame: frame.rawSpan, linkType: .ethernet, wireLength: frame.count)
                let expected = packet[0] >> 4 == 4 ? packet.count - 40 : 0
                #expect(segment.header.payloadLength == expected)
                #expect(segment.payload.byteCount == expected)
            }
        }
    }

    @Test func `a data offset below the TCP header is refused`() {
        for words in 0..<5 {
            var packet = Sample.ipv4(Sample.tcp(Self.payload))
            packet[32] = UInt8(words) << 4
            #expect(fault(packet) == WireError(.badLength, at: 32))
        }
    }

    @Test func `a data offset beyond the segment is refused`() {
        for words in 6...15 {
            var packet = Sample.ipv4(Sample.tcp([1, 2, 3]))
            packet[32] = UInt8(words) << 4
            #expect(fault(packet) == WireError(.badLength, at: 32))
        }
    }

    @Test func `a data offset beyond the segment is refused though padding follows`() {
        var packet = Sample.ipv4(Sample.tcp([])) + [UInt8](repeating: 0, count: 40)
        packet[32] = 0xf0
        #expect(fault(packet) == WireError(.badLength, at: 32))
    }

    @Test func `an IPv4 header length below five words is refused`() {
        for words in 0..<5 {
            var packet = Sample.ipv4(Sample.tcp(Self.payload))
            packet[0] = 0x40 | UInt8(words)
            #expect(fault(packet) == WireError(.badLength, at: 0))
        }
    }

    @Test func `a version that is neither 4 nor 6 is refused`() {
        for version in 0..<16 where version != 4 && version != 6 {
            var packet = Sample.ipv4(Sample.tcp())
            packet[0] = UInt8(version) << 4 | 5
            #expect(fault(packet) == WireError(.malformed, at: 0))
        }
    }

    @Test func `a fragment is told from a whole datagram, an atomic one is whole`() throws {
        for fragment: UInt16 in [0x2000, 0x0001, 0x1fff, 0x3fff, 0x6000] {
            #expect(fault(Sample.ipv4(Sample.tcp(), fragment: fragment)) == WireError(.fragment, at: 6))
        }
        #expect(fault(Sample.ipv4(Sample.tcp(), fragment: 0)) == nil)
        #expect(fault(Sample.ipv4(Sample.tcp(), fragment: 0x8000)) == nil)
        for bytes: [UInt8] in [[0, 1], [0, 8], [0xff, 0xf8]] {
            let fragment = Sample.Extension(number: 44, content: bytes + [0, 0, 0, 1])
            #expect(fault(Sample.ipv6(Sample.tcp(), extensions: [fragment])) == WireError(.fragment, at: 40))
        }
        #expect(fault(Sample.ipv6(Sample.tcp(), extensions: [.atomicFragment])) == nil)
    }

    @Test func `other protocols are told from TCP`() {
        for number: UInt8 in [1, 2, 4, 17, 41, 47, 50, 58, 132, 255] {
            #expect(fault(Sample.ipv4(Sample.tcp(), protocolNumber: number))?.kind == .otherProtocol)
            #expect(fault(Sample.ipv6(Sample.tcp(), protocolNumber: number))?.kind == .otherProtocol)
        }
        let stations = [UInt8](repeating: 2, count: 12)
        for type: [UInt8] in [[0x08, 0x06], [0x88, 0xcc], [0x00, 0x2e], [0x81, 0x01]] {
            let frame = stations + type + [UInt8](repeating: 0, count: 46)
            #expect(throws: WireError(.otherProtocol, at: 12)) {
                _ = try TCPSegment(frame: frame.rawSpan, linkType: .ethernet, wireLength: frame.count)
            }
        }
    }

    @Test func `the outermost VLAN and the source station are told`() throws {
        let frames = Sample.frames(Sample.ipv4(Sample.tcp()))
        var seen: [String: UInt16] = [:]
        for frame in frames {
            let link = try LinkFrame(frame.bytes.rawSpan, linkType: frame.linkType)
            seen[frame.name] = link.vlan
            #expect(link.headerLength == frame.headerLength)
            #expect(link.source == (frame.linkType == .ethernet ? MACAddress("02:00:00:00:00:01") : nil))
        }
        #expect(seen == ["VLAN": 7, "QinQ": 9, "old QinQ": 9, "cooked VLAN": 7, "cooked v2 VLAN": 7])
    }

    @Test func `the traffic class is read from both families`() throws {
        #expect(try IPPacket(Sample.ipv4(Sample.tcp()).rawSpan, wireLength: 45).trafficClass == 0x28)
        #expect(try IPPacket(Sample.ipv6(Sample.tcp()).rawSpan, wireLength: 65).trafficClass == 0x28)
    }
}
