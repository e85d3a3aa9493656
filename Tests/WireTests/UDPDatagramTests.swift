import Testing
import Wire

@Suite struct UDPDatagramTests {
    private static let packets: [[UInt8]] = [
        Sample.ipv4(Sample.udp(), protocolNumber: 17),
        Sample.ipv4(Sample.udp(), options: Array(repeating: 1, count: 40), protocolNumber: 17),
        Sample.ipv6(Sample.udp(), protocolNumber: 17),
        Sample.ipv6(Sample.udp(), extensions: Sample.Extension.all, protocolNumber: 17),
    ]

    @Test func `a whole datagram is read behind every link-layer header`() throws {
        for packet in Self.packets {
            for frame in Sample.frames(packet) {
                let datagram = try UDPDatagram(
                    frame: frame.bytes.rawSpan, linkType: frame.linkType, wireLength: frame.bytes.count)
                let isIPv4 = packet[0] >> 4 == 4
                let flow = datagram.header.flow
                #expect(flow.source == Endpoint(isIPv4 ? Sample.clientV4 : Sample.clientV6, 40_000))
                #expect(flow.destination == Endpoint(isIPv4 ? Sample.targetV4 : Sample.targetV6, 53))
                #expect(datagram.header.payloadLength == 5)
                let payload = [UInt8](copying: datagram.payload)
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
                    do throws(WireError) {
                        let datagram = try UDPDatagram(
                            frame: cut, linkType: frame.linkType, wireLength: frame.bytes.count)
                        #expect(length >= headers, "\(frame.name) cut to \(length)")
                        #expect(datagram.header.payloadLength == 5)
                        #expect(datagram.payload.byteCount == length - headers)
                    } catch {
                        #expect(length < headers, "\(frame.name) cut to \(length)")
                        #expect(error == WireError(.truncated, at: length), "\(frame.name) cut to \(length)")
                    }
                }
            }
        }
    }

    @Test func `what follows the UDP length is not payload, and a length beyond the packet is refused`() throws {
        for length in 0...20 {
            let packet = Sample.ipv4(Sample.udp(length: length), protocolNumber: 17)
            do throws(WireError) {
                let datagram = try UDPDatagram(frame: packet.rawSpan, linkType: .raw, wireLength: packet.count)
                #expect((8...13).contains(length))
                let count = datagram.payload.byteCount
                #expect(count == length - 8 && datagram.header.payloadLength == count)
            } catch {
                #expect(!(8...13).contains(length))
                #expect(error == WireError(.badLength, at: 24))
            }
        }
    }

    @Test(arguments: [true, false])
    func `the header of a datagram in fragments is read from the first, and from no other`(_ isIPv4: Bool) throws {
        let flow =
            isIPv4
            ? Flow(from: Endpoint(Sample.targetV4, 53), to: Endpoint(Sample.clientV4, 40_000))
            : Flow(from: Endpoint(Sample.targetV6, 53), to: Endpoint(Sample.clientV6, 40_000))
        var batch = PacketBatch()
        batch.writeDatagram(
            flow, payload: Array(repeating: 7, count: 4000).rawSpan, packetSize: 1500, identification: 9, target: 0)
        for index in 0..<batch.count {
            for frame in Sample.frames([UInt8](copying: batch.packet(index))) {
                // As much as intercept keeps of a frame.
                let kept = frame.bytes.rawSpan.extracting(first: 200)
                do throws(WireError) {
                    let header = try DatagramHeader(
                        frame: kept, linkType: frame.linkType, wireLength: frame.bytes.count)
                    #expect(index == 0 && header == DatagramHeader(flow: flow, payloadLength: 4000))
                } catch {
                    #expect(index > 0 && error.kind == .fragment)
                }
            }
        }
        batch.removeAll()
        batch.writeDatagram(flow, payload: [1].rawSpan, packetSize: 1500, identification: 9, target: 0)
        let whole = batch.packet(0)
        let header = try DatagramHeader(frame: whole, linkType: .raw, wireLength: whole.byteCount)
        #expect(header == DatagramHeader(flow: flow, payloadLength: 1))
    }

    @Test func `other protocols are told apart`() {
        for packet in [Sample.ipv4(Sample.tcp()), Sample.ipv6(Sample.tcp())] {
            #expect(throws: WireError(.otherProtocol, at: packet[0] >> 4 == 4 ? 20 : 40)) {
                _ = try UDPDatagram(frame: packet.rawSpan, linkType: .raw, wireLength: packet.count)
            }
        }
    }

    @Test(arguments: [UInt64(1), 2])
    func `mutated datagrams are read or refused`(_ seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let corpus = Self.packets.flatMap(Sample.frames)
        var (whole, refused) = (0, 0)
        for _ in 0..<50_000 {
            let sample = corpus[Int.random(in: corpus.indices, using: &generator)]
            var frame = sample.bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                frame[Int.random(in: frame.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { frame.removeLast(.random(in: 0...frame.count, using: &generator)) }
            let wireLength = Bool.random(using: &generator) ? frame.count : .random(in: 0...70_000, using: &generator)
            do throws(WireError) {
                let datagram = try UDPDatagram(
                    frame: frame.rawSpan, linkType: sample.linkType, wireLength: wireLength)
                let isBounded = (datagram.payload.byteCount...65_527).contains(datagram.header.payloadLength)
                #expect(isBounded, "seed \(seed)")
                whole += 1
            } catch {
                #expect((0...frame.count).contains(error.offset), "seed \(seed): \(error) in \(frame.count) bytes")
                refused += 1
            }
        }
        #expect(whole > 5_000 && refused > 5_000, "seed \(seed): \(whole) read, \(refused) refused")
    }

    @Test func `a header is described as tcpdump does`() {
        let flow = Flow(from: Endpoint(Sample.clientV4, 40_000), to: Endpoint(Sample.targetV4, 53))
        #expect(
            DatagramHeader(flow: flow, payloadLength: 40).description
                == "192.0.2.1.40000 > 198.51.100.2.53: UDP, length 40")
    }
}
