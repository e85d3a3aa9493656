import Testing
import Wire

@Suite struct SegmentRunTests {
    private func header(_ sequence: Int, flags: TCPFlags = .ack, family: Int = 4, port: UInt16 = 40_000)
        throws -> SegmentHeader
    {
        let (source, destination) = family == 4 ? ("10.7.7.7", "10.1.0.2") : ("2001:db8:7::7", "2001:db8:1::2")
        var options = TCPOptions()
        options.timestamps = TCPTimestamps(value: 1, echo: 7)
        return SegmentHeader(
            flow: Flow(
                from: Endpoint(try #require(IPAddress(source)), port),
                to: Endpoint(try #require(IPAddress(destination)), 8080)),
            sequence: SequenceNumber(UInt32(truncatingIfNeeded: sequence)), acknowledgement: SequenceNumber(9),
            flags: flags, window: 512, options: options)
    }

    private func add(_ header: SegmentHeader, _ length: Int, to batch: inout PacketBatch, target: Int = 0) {
        batch.begin(header, target: target)
        batch.append([UInt8](repeating: UInt8(truncatingIfNeeded: length), count: length).rawSpan)
        batch.end()
    }

    @Test(arguments: [4, 6])
    func `segments that follow each other are one run, which the shorter last one ends`(family: Int) throws {
        var batch = PacketBatch()
        // Across the wrap of the numbers.
        let start = 0xffff_fff0
        for index in 0..<3 { add(try header(start + index * 1000, family: family), 1000, to: &batch) }
        add(try header(start + 3000, flags: [.ack, .psh], family: family), 10, to: &batch)
        add(try header(start + 3010, family: family), 1000, to: &batch)
        let found = batch.run(from: 0)
        let run = try #require(found)
        #expect(run.count == 4 && run.segmentSize == 1000 && run.payloadLength == 3010)
        #expect(run.headerLength == (family == 4 ? 52 : 72))
        let after = batch.run(from: 4)
        #expect(after == nil)

        var written = [UInt8](repeating: 0, count: 100)
        do {
            var bytes = written.mutableRawSpan
            batch.writeHeaders(of: run, into: &bytes, at: 4)
        }
        let packet = try IPPacket(
            written.rawSpan.extracting(4..<4 + run.headerLength), wireLength: run.headerLength + run.payloadLength)
        let segment = try TCPSegment(packet, at: 0).header
        #expect(segment.sequence == SequenceNumber(UInt32(truncatingIfNeeded: start)))
        #expect(segment.flags == [.ack, .psh])
        #expect(packet.payloadLength == run.headerLength - run.networkLength + 3010)
    }

    @Test func `whatever differs between two segments keeps them apart`() throws {
        let first = try header(1000)
        var others: [SegmentHeader] = [
            try header(1999), try header(2001), try header(2000, flags: [.ack, .rst]), try header(2000, port: 40_001),
            try header(2000, flags: [.ack, .urg]), try header(2000, family: 6),
        ]
        var changed = try header(2000)
        changed.acknowledgement = SequenceNumber(10)
        others.append(changed)
        changed = try header(2000)
        changed.window = 511
        others.append(changed)
        changed = try header(2000)
        changed.options.timestamps = TCPTimestamps(value: 2, echo: 7)
        others.append(changed)
        changed = try header(2000)
        changed.options.timestamps = nil
        others.append(changed)
        for other in others {
            var batch = PacketBatch()
            add(first, 1000, to: &batch)
            add(other, 1000, to: &batch)
            let run = batch.run(from: 0)
            #expect(run == nil, "\(other)")
        }
        for (flags, target, length) in [(TCPFlags([.ack, .psh]), 0, 1000), (.ack, 1, 1000), (.ack, 0, 1001)] {
            var batch = PacketBatch()
            add(try header(1000, flags: flags), 1000, to: &batch)
            add(try header(2000), length, to: &batch, target: target)
            let run = batch.run(from: 0)
            #expect(run == nil)
        }
    }

    @Test func `small segments, single ones, and those without payload are no run`() throws {
        var batch = PacketBatch()
        for index in 0..<3 { add(try header(index * 100), 100, to: &batch) }
        add(try header(5000), 1000, to: &batch)
        add(try header(6000), 0, to: &batch)
        for index in 0..<batch.count {
            let run = batch.run(from: index)
            #expect(run == nil)
        }
    }

    @Test func `a run holds what an IP packet can`() throws {
        var batch = PacketBatch(byteCapacity: 128 * 1024)
        for index in 0..<64 { add(try header(index * 1448), 1448, to: &batch) }
        let found = batch.run(from: 0)
        let run = try #require(found)
        #expect(run.count == 45)
        let rest = batch.run(from: 45)
        #expect(rest?.count == 19)
    }
}
