import Testing
import Wire

/// Datagrams as they are written, whole or in fragments, read back by code that knows nothing of the writing.
@Suite struct DatagramWritingTests {
    private func flow(isIPv4: Bool) -> Flow {
        isIPv4
            ? Flow(from: Endpoint(Sample.clientV4, 40_000), to: Endpoint(Sample.targetV4, 53))
            : Flow(from: Endpoint(Sample.clientV6, 40_000), to: Endpoint(Sample.targetV6, 53))
    }

    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ count) } }

    /// The fragments' headers looked at and taken off: the UDP header and the payload of the one datagram they make.
    private func reassemble(
        _ packets: [[UInt8]], identification: UInt32, packetSize: Int
    ) throws -> (transport: [UInt8], isFragmented: Bool) {
        var transport: [UInt8] = []
        for (index, packet) in packets.enumerated() {
            let span = packet.rawSpan
            let isIPv4 = packet[0] >> 4 == 4
            let isLast = index == packets.count - 1
            #expect(packet.count <= packetSize)
            if isIPv4 {
                var checksum = InternetChecksum()
                checksum.add(span.extracting(first: 20))
                #expect(checksum.value == 0 && span.bigEndian16(at: 2) == UInt16(packet.count))
                #expect(packet[0] == 0x45 && packet[8] == 64 && packet[9] == 17)
            } else {
                #expect(span.bigEndian32(at: 0) == 0x6000_0000 && Int(span.bigEndian16(at: 4)) == packet.count - 40)
                #expect(packet[6] == (packets.count == 1 ? 17 : 44) && packet[7] == 64)
            }
            guard packets.count > 1 else {
                if isIPv4 { #expect(span.bigEndian32(at: 4) == 0x0000_4000) }
                return (Array(packet[(isIPv4 ? 20 : 40)...]), false)
            }
            let header = isIPv4 ? 20 : 48
            if isIPv4 {
                #expect(span.bigEndian16(at: 4) == UInt16(truncatingIfNeeded: identification))
                let field = span.bigEndian16(at: 6)
                #expect(field >> 13 == (isLast ? 0 : 1) && Int(field & 0x1fff) * 8 == transport.count)
            } else {
                #expect(span.bigEndian32(at: 44) == identification && packet[40] == 17 && packet[41] == 0)
                let field = span.bigEndian16(at: 42)
                #expect(field & 7 == (isLast ? 0 : 1) && Int(field & ~7) == transport.count)
            }
            if !isLast { #expect((packet.count - header) % 8 == 0 && packet.count > packetSize - 8) }
            transport += packet[header...]
        }
        return (transport, true)
    }

    private func expectDatagram(_ payload: [UInt8], isIPv4: Bool, packetSize: Int) throws {
        var batch = PacketBatch()
        let flow = flow(isIPv4: isIPv4)
        let identification: UInt32 = 0xdead_beef
        let hasRoom = batch.hasRoom(datagramOf: payload.count, isIPv4: isIPv4, packetSize: packetSize)
        #expect(hasRoom)
        batch.writeDatagram(
            flow, payload: payload.rawSpan, packetSize: packetSize, identification: identification, target: 3)
        let packets = (0..<batch.count).map { [UInt8](copying: batch.packet($0)) }
        let isAligned = batch.entries.allSatisfy { $0.start % 4 == 0 && $0.target == 3 }
        #expect(isAligned)
        let (transport, isFragmented) = try reassemble(
            packets, identification: identification, packetSize: packetSize)
        #expect(isFragmented == (payload.count + 8 + (isIPv4 ? 20 : 40) > packetSize))
        #expect(transport.count == payload.count + 8 && Array(transport[8...]) == payload)
        #expect(Array(transport[..<6]) == [0x9c, 0x40, 0, 53] + Sample.big(UInt16(transport.count)))
        #expect(transport[6] != 0 || transport[7] != 0, "a datagram of our own has a checksum")
        var checksum = InternetChecksum()
        checksum.add(flow.sourceAddress)
        checksum.add(flow.destinationAddress)
        checksum.add(UInt16(17))
        checksum.add(UInt16(transport.count))
        checksum.add(transport.rawSpan)
        #expect(checksum.value == 0)
    }

    @Test(arguments: [true, false])
    func `datagrams of every size about a packet's are written whole or in fragments`(_ isIPv4: Bool) throws {
        for size in Array(0...40) + Array(1180...1500) + Array(2900...3000) {
            try expectDatagram(bytes(size), isIPv4: isIPv4, packetSize: 1280)
        }
    }

    @Test(arguments: [true, false])
    func `the largest datagram fits an empty batch, whatever the packet size`(_ isIPv4: Bool) throws {
        for packetSize in [isIPv4 ? 68 : 1280, 1500, 9000, 65_535] {
            try expectDatagram(bytes(isIPv4 ? 65_507 : 65_527), isIPv4: isIPv4, packetSize: packetSize)
        }
    }

    @Test func `a checksum that comes to zero is written as all ones`() throws {
        for word in 0...UInt16.max {
            var batch = PacketBatch(byteCapacity: 512, packetCapacity: 1)
            batch.writeDatagram(
                flow(isIPv4: true), payload: Sample.big(word).rawSpan, packetSize: 1500, identification: 0, target: 0)
            let checksum = batch.packet(0).bigEndian16(at: 26)
            #expect(checksum != 0)
            if checksum == 0xffff { return }
        }
        Issue.record("one of all words makes the sum zero")
    }

    @Test func `a batch that holds packets takes no more than count as full`() {
        var batch = PacketBatch(byteCapacity: 64 * 1024, packetCapacity: 8)
        for index in 0..<8 {
            let hasRoom = batch.hasRoom(datagramOf: 100, isIPv4: true, packetSize: 1500)
            #expect(hasRoom, "packet \(index)")
            batch.writeDatagram(
                flow(isIPv4: true), payload: bytes(100).rawSpan, packetSize: 1500, identification: 0, target: 0)
        }
        let isFull = !batch.hasRoom(datagramOf: 0, isIPv4: true, packetSize: 1500)
        #expect(isFull)
        batch.removeAll()
        let (takesMany, takesTooMuch) = (
            batch.hasRoom(datagramOf: 20_000, isIPv4: true, packetSize: 576),
            batch.hasRoom(datagramOf: 65_000, isIPv4: true, packetSize: 576)
        )
        #expect(takesMany && !takesTooMuch)
    }
}
