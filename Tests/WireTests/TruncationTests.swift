import Testing
import Wire

/// Every header cut at every byte: the same packet behind every link-layer header, with and without IPv4 options, IPv6
/// extension headers and TCP options.
@Suite struct TruncationTests {
    static let options: [[UInt8]] = [
        [], [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7],
        [1, 1, 5, 34] + (0..<32).map { UInt8($0) },
    ]

    static let packets: [[UInt8]] = options.flatMap { options in
        let segment = Sample.tcp(options: options)
        return [
            Sample.ipv4(segment), Sample.ipv4(segment, options: Array(repeating: 1, count: 4)),
            Sample.ipv4(segment, options: Array(repeating: 1, count: 40)), Sample.ipv6(segment),
            Sample.ipv6(segment, extensions: Sample.Extension.all),
        ] + Sample.Extension.all.map { Sample.ipv6(segment, extensions: [$0]) }
    }

    @Test func `a whole packet is read behind every link-layer header`() throws {
        for packet in Self.packets {
            for frame in Sample.frames(packet) {
                let segment = try TCPSegment(
                    frame: frame.bytes.rawSpan, linkType: frame.linkType, wireLength: frame.bytes.count)
                let isIPv4 = packet[0] >> 4 == 4
                let header = segment.header
                #expect(header.flow.source == Endpoint(isIPv4 ? Sample.clientV4 : Sample.clientV6, 40_000))
                #expect(header.flow.destination == Endpoint(isIPv4 ? Sample.targetV4 : Sample.targetV6, 80))
                #expect(header.sequence.rawValue == 1001 && header.acknowledgement.rawValue == 7001)
                #expect(header.flags == [.psh, .ack] && header.window == 502)
                #expect(header.payloadLength == 5)
                let payload = unsafe segment.payload.withUnsafeBytes { unsafe Array($0) }
                #expect(payload == Array("hello".utf8), "\(frame.name)")
            }
        }
    }

    @Test func `a header cut anywhere is said to be truncated, where it ends; a payload cut anywhere is read`() throws {
        for packet in Self.packets {
            for frame in Sample.frames(packet) {
                let headers = frame.bytes.count - 5
                for length in 0..<frame.bytes.count {
                    let cut = frame.bytes.rawSpan.extracting(first: length)
                    var outcome = "no error"
                    do throws(WireError) {
                        let segment = try TCPSegment(
                            frame: cut, linkType: frame.linkType, wireLength: frame.bytes.count)
                        #expect(length >= headers, "\(frame.name) cut to \(length)")
                        #expect(segment.header.payloadLength == 5)
                        #expect(segment.payload.byteCount == length - headers)
                    } catch {
                        outcome = "\(error.kind) at \(error.offset)"
                        #expect(length < headers, "\(frame.name) cut to \(length): \(outcome)")
                        #expect(error == WireError(.truncated, at: length), "\(frame.name) cut to \(length)")
                    }
                }
            }
        }
    }

    @Test func `a frame that ended on the wire before its headers do is refused, wherever`() {
        for packet in Self.packets {
            for frame in Sample.frames(packet) {
                for length in 0..<frame.bytes.count - 5 {
                    #expect(throws: WireError.self, "\(frame.name) of \(length)") {
                        _ = try TCPSegment(
                            frame: frame.bytes.rawSpan.extracting(first: length), linkType: frame.linkType,
                            wireLength: length)
                    }
                }
            }
        }
    }
}
