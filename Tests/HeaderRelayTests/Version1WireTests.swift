import NIOCore
import Testing
import Wire

@testable import HeaderRelay

/// What the programs of TCPCopy 1.0 themselves put on the wire, as it was captured between them and this build's.
struct Version1WireTests {
    private func bytes(_ hex: String) -> ByteBuffer {
        let digits = hex.compactMap(\.hexDigitValue)
        return ByteBuffer(
            bytes: stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }

    private func headers(in hex: String) throws -> [SegmentHeader] {
        var decoder = Version1HeaderDecoder()
        decoder.receive(bytes(hex))
        var headers: [SegmentHeader] = []
        while let header = try decoder.next() { headers.append(header) }
        return headers
    }

    @Test func `its tcpcopy says the version, then a record a session`() throws {
        var decoder = Version1RecordDecoder()
        decoder.receive(
            bytes(
                "00000000000000060000000000000a4d0102fd9600010a4d00031f900a4d0102fdae00010a4d00031f90"
                    + "0a4d0102fdb800010a4d00031f90"))
        var records: [Version1Record] = []
        while let record = try decoder.next() { records.append(record) }
        #expect(
            records == [.version]
                + [64_918, 64_942, 64_952].map {
                    .add(
                        Version1Session(
                            clientAddress: 0x0a4d_0102, clientPort: $0, targetAddress: 0x0a4d_0003, targetPort: 8080))
                })
    }

    @Test func `its intercept sends a SYN-ACK with all its options, and the checksums as captured`() throws {
        let header = try #require(
            try headers(
                in: "00014500003c000040004006251f0a4d00030a4d01011f90aa6006e0ef4a9aef2002a012fe8815cc0000"
                    + "020405b40402080a6b780323001ce1a60103030a00000000"
            ).first)
        #expect("\(header.flow)" == "10.77.0.3.8080 > 10.77.1.1.43616")
        #expect(header.flags == [.syn, .ack] && header.payloadLength == 0)
        #expect(header.sequence == SequenceNumber(0x06e0_ef4a) && header.acknowledgement == SequenceNumber(0x9aef_2002))
        #expect(header.window == 65_160)
        #expect(header.options.maximumSegmentSize == 1460 && header.options.sackPermitted)
        #expect(header.options.windowScale == 10)
        #expect(header.options.timestamps == TCPTimestamps(value: 0x6b78_0323, echo: 0x001c_e1a6))
    }

    @Test func `its intercept sends two answers in one batch, of whose payload only the length is left`() throws {
        let answers = try headers(
            in: "0002"
                + "450000dec1e84000400662940a4d00030a4d01011f90ab6c5b5fe9dcdd50d95280180040166e0000"
                + "0101080ad967032a001ce241000000000000000000000000"
                + "450000de358840004006eef40a4d00030a4d01011f90ab6017697e37efd2718980180040166e0000"
                + "0101080a4ab5dfc8001ce242000000000000000000000000")
        #expect(answers.map(\.flow.destinationPort) == [43_884, 43_872])
        #expect(answers.map(\.sequence) == [SequenceNumber(0x5b5f_e9dc), SequenceNumber(0x1769_7e37)])
        #expect(answers.map(\.acknowledgement) == [SequenceNumber(0xdd50_d952), SequenceNumber(0xefd2_7189)])
        #expect(answers.allSatisfy { $0.flags == [.psh, .ack] && $0.window == 64 && $0.payloadLength == 170 })
        #expect(answers[1].options.timestamps == TCPTimestamps(value: 0x4ab5_dfc8, echo: 0x001c_e242))
    }
}
