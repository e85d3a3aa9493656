import Glibc
import LinkLayer
import Testing
import Wire

@Suite(.serialized, .enabled(if: NetworkNamespace.areAllowed, "needs root, for network namespaces"))
struct InjectorTests {
    static let sources = [("10.7.7.7", "10.1.0.2"), ("2001:db8:7::7", "2001:db8:1::2")]

    /// A segment from an address that is nobody's, as a replayed client's is.
    private func header(_ index: Int, _ family: Int) throws -> SegmentHeader {
        let (source, destination) = Self.sources[family]
        var options = TCPOptions()
        options.timestamps = TCPTimestamps(value: UInt32(index), echo: 7)
        return SegmentHeader(
            flow: Flow(
                from: Endpoint(try #require(IPAddress(source)), UInt16(40_000 + index)),
                to: Endpoint(try #require(IPAddress(destination)), 8080)),
            sequence: SequenceNumber(UInt32(index)), acknowledgement: SequenceNumber(9), flags: [.psh, .ack],
            window: 512, options: options)
    }

    private func payload(_ length: Int) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ length) }
    }

    /// One packet for each length, IPv4 and IPv6 in turn.
    private func fill(_ batch: inout PacketBatch, _ lengths: [Int], target: Int = 0) throws {
        for (index, length) in lengths.enumerated() {
            batch.begin(try header(index, index % 2), target: target)
            batch.append(payload(length).rawSpan)
            batch.end()
        }
    }

    @Test(arguments: InjectorKind.allCases)
    func `frames of all sizes and both families arrive byte by byte`(_ kind: InjectorKind) throws {
        let cable = Cable()
        var capture = try cable.capture()
        var injector = try cable.network.inside { () throws(SystemRefusal) in
            try Injector(kind, interfaces: [Cable.near])
        }
        // 1500 less 40 less 32 is the largest payload that fits over IPv6.
        let lengths = [0, 0, 1, 1, 2, 3, 7, 8, 63, 64, 536, 537, 1199, 1200, 1427, 1428, 1448, 1428]
        var batch = PacketBatch()
        try fill(&batch, lengths)
        let packets = (0..<batch.count).map { index in unsafe batch.packet(index).withUnsafeBytes { unsafe Array($0) } }
        injector.send(&batch, addressing: [cable.addressing])

        let isEmpty = batch.isEmpty
        #expect(isEmpty)
        #expect(injector.statistics.packets == lengths.count)
        #expect(injector.statistics.refused.isEmpty)
        let link = kind == .raw ? 0 : 14
        #expect(injector.statistics.bytes == packets.reduce(0) { $0 + $1.count + link })

        let frames = try capture.frames(lengths.count)
        try #require(frames.count == lengths.count, "\(frames.map { ($0.count, $0[12]) })")
        // The raw sender has one socket for each family, so the order between families is not kept.
        for family in 0...1 {
            let arrived = frames.filter { $0[12] == (family == 0 ? 0x08 : 0x86) }
            let sent = packets.indices.filter { $0 % 2 == family }
            try #require(arrived.count == sent.count)
            for (frame, index) in zip(arrived, sent) {
                #expect(MACAddress(frame.rawSpan, at: 0) == Cable.farMAC)
                #expect(MACAddress(frame.rawSpan, at: 6) == Cable.nearMAC)
                #expect(isSame(Array(frame[14...]), packets[index]))
                #expect(try checksumsAreValid(frame))
            }
        }
    }

    /// Raw IPv4 sockets may choose an identification where it is 0.
    private func isSame(_ arrived: [UInt8], _ sent: [UInt8]) -> Bool {
        guard arrived.count == sent.count else { return false }
        let free: Set = sent[0] >> 4 == 4 ? [4, 5, 10, 11] : []
        return arrived.indices.allSatisfy { free.contains($0) || arrived[$0] == sent[$0] }
    }

    private func checksumsAreValid(_ frame: [UInt8]) throws -> Bool {
        let packet = try IPPacket(frame.rawSpan.extracting(14...), wireLength: frame.count - 14)
        var transport = InternetChecksum()
        transport.add(packet.source)
        transport.add(packet.destination)
        transport.add(UInt16(packet.transport))
        transport.add(UInt16(packet.payloadLength))
        transport.add(packet.payload)
        var network = InternetChecksum()
        if packet.source.isIPv4 { network.add(frame.rawSpan.extracting(14..<34)) }
        return transport.value == 0 && (!packet.source.isIPv4 || network.value == 0)
    }
}
