import Testing
import Wire

@Suite struct PacketBatchTests {
    private func header(_ family: Int, _ index: Int) -> SegmentHeader {
        var options = TCPOptions()
        if index % 2 == 1 { options.timestamps = TCPTimestamps(value: UInt32(index), echo: .max) }
        if index % 3 == 1 { options.maximumSegmentSize = 1460 }
        if index % 5 == 1 { options.sackPermitted = true }
        if index % 7 == 1 { options.sackBlocks.append(SequenceRange(SequenceNumber(5), SequenceNumber(.max))) }
        return SegmentHeader(
            flow: Flow(
                from: Endpoint(family == 0 ? Sample.clientV4 : Sample.clientV6, 40_000),
                to: Endpoint(family == 0 ? Sample.targetV4 : Sample.targetV6, 80)),
            sequence: SequenceNumber(.max &- UInt32(index)), acknowledgement: SequenceNumber(UInt32(index)),
            flags: TCPFlags(rawValue: UInt8(truncatingIfNeeded: index * 37) | TCPFlags.ack.rawValue),
            window: UInt16(truncatingIfNeeded: index &* 1001), urgentPointer: UInt16(index % 3), options: options)
    }

    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ count) } }

    private func isValid(_ packet: RawSpan) throws -> Bool {
        let ip = try IPPacket(packet, wireLength: packet.byteCount)
        var transport = InternetChecksum()
        transport.add(ip.source)
        transport.add(ip.destination)
        transport.add(UInt16(6))
        transport.add(UInt32(ip.payloadLength))
        transport.add(ip.payload)
        guard ip.source.isIPv4 else { return transport.value == 0 }
        var network = InternetChecksum()
        network.add(packet.extracting(first: 20))
        return transport.value == 0 && network.value == 0
    }

    @Test(arguments: [0, 1])
    func `segments of every small size, in pieces of every length, are read as they were written`(_ family: Int) throws
    {
        for length in 0...40 {
            for cut in 0...length {
                let (header, payload) = (header(family, length), bytes(length))
                var batch = PacketBatch(byteCapacity: 4096, packetCapacity: 4)
                for target in 0..<3 {
                    batch.begin(header, target: target)
                    batch.append(payload.rawSpan.extracting(first: cut))
                    batch.append(payload.rawSpan.extracting(cut..<cut))
                    batch.append(payload.rawSpan.extracting(cut...))
                    batch.end()
                }
                for index in 0..<3 {
                    let packet = batch.packet(index)
                    #expect(try isValid(packet))
                    let segment = try TCPSegment(frame: packet, linkType: .raw, wireLength: packet.byteCount)
                    var expected = header
                    expected.payloadLength = length
                    #expect(segment.header == expected)
                    let read = unsafe segment.payload.withUnsafeBytes { unsafe Array($0) }
                    #expect(read == payload)
                    #expect(batch.entries[index].target == index)
                    #expect(batch.entries[index].start % 4 == 0, "IP headers are aligned")
                }
            }
        }
    }

    @Test(arguments: [0, 1])
    func `odd sizes up to the largest packet have valid checksums`(_ family: Int) throws {
        for length in [535, 536, 1447, 1448, 9001, 65_400] {
            var batch = PacketBatch()
            let payload = bytes(length)
            batch.begin(header(family, length), target: 0)
            for start in stride(from: 0, to: length, by: 777) {
                batch.append(payload.rawSpan.extracting(start..<min(length, start + 777)))
            }
            batch.end()
            #expect(try isValid(batch.packet(0)))
        }
    }

    @Test func `what IP requires of a header of our own stands in it`() throws {
        var batch = PacketBatch()
        for family in 0...1 {
            batch.begin(header(family, 2), target: 0)
            batch.end()
        }
        let v4 = batch.packet(0)
        // Version and length; identification 0 with "don't fragment"; TTL 64, TCP.
        #expect(v4.bigEndian16(at: 0) == 0x4500 && v4.bigEndian16(at: 2) == 40)
        #expect(v4.bigEndian32(at: 4) == 0x0000_4000 && v4.bigEndian16(at: 8) == 0x4006)
        let v6 = batch.packet(1)
        #expect(v6.bigEndian32(at: 0) == 0x6000_0000 && v6.bigEndian16(at: 4) == 20)
        #expect(v6.bigEndian16(at: 6) == 0x0640)
    }

    @Test func `an acknowledgement number without the flag is not sent`() throws {
        var header = header(0, 0)
        header.flags = .syn
        header.acknowledgement = SequenceNumber(77)
        var batch = PacketBatch()
        batch.begin(header, target: 0)
        batch.end()
        #expect(batch.packet(0).bigEndian32(at: 28) == 0)
    }

    @Test func `a batch says when it is full, by packets or by bytes, and is empty again after that`() {
        var batch = PacketBatch(byteCapacity: 1000, packetCapacity: 3)
        let isRoomy = batch.hasRoom(payloadLength: 877)
        #expect(isRoomy)
        let isTooLarge = batch.hasRoom(payloadLength: 878)
        #expect(!isTooLarge)
        for round in 0..<2 {
            for index in 0..<3 {
                let hasRoom = batch.hasRoom(payloadLength: 10)
                #expect(hasRoom, "round \(round), packet \(index)")
                batch.begin(header(1, 1), target: 0)
                batch.append(bytes(10).rawSpan)
                batch.end()
            }
            let hasRoom = batch.hasRoom(payloadLength: 10)
            #expect(!hasRoom)
            batch.removeAll()
            let (isEmpty, count) = (batch.isEmpty, batch.count)
            #expect(isEmpty && count == 0)
        }
    }

    @Test func `whatever hasRoom allows fits, to the last byte`() {
        var options = TCPOptions()
        options.timestamps = TCPTimestamps(value: 1, echo: 2)
        options.maximumSegmentSize = 1460
        options.sackPermitted = true
        for index in 0..<4 {
            options.sackBlocks.append(SequenceRange(SequenceNumber(0), SequenceNumber(UInt32(index))))
        }
        var header = header(1, 0)
        header.options = options
        for capacity in 123..<400 {
            var batch = PacketBatch(byteCapacity: capacity, packetCapacity: 100)
            var room = 0
            while batch.hasRoom(payloadLength: room) { room += 1 }
            while batch.hasRoom(payloadLength: max(0, room - 1)) {
                batch.begin(header, target: 0)
                batch.append(bytes(max(0, room - 1)).rawSpan)
                batch.end()
            }
            let count = batch.count
            #expect(count >= 1)
        }
    }

    @Test func `an Ethernet header is written into the room before each packet`() throws {
        var batch = PacketBatch()
        for family in 0...1 {
            batch.begin(header(family, 3), target: 0)
            batch.append(bytes(9).rawSpan)
            batch.end()
        }
        let (source, destination) = (MACAddress("02:00:00:00:00:01")!, MACAddress("02:00:00:00:00:02")!)
        for index in 0...1 {
            let frame = batch.ethernetFrame(index, from: source, to: destination)
            #expect(MACAddress(frame, at: 0) == destination && MACAddress(frame, at: 6) == source)
            #expect(frame.bigEndian16(at: 12) == (index == 0 ? 0x0800 : 0x86dd))
            let segment = try TCPSegment(frame: frame, linkType: .ethernet, wireLength: frame.byteCount)
            #expect(segment.header.payloadLength == 9)
        }
        for index in 0...1 { #expect(try isValid(batch.packet(index))) }
    }
}
