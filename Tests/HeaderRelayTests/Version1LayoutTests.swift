import NIOCore
import Testing
import Wire

@testable import HeaderRelay

/// The protocol of TCPCopy 1.x, byte for byte.
struct Version1LayoutTests {
    private let session = Version1Session(
        clientAddress: 0x0a4d_0102, clientPort: 0x9c40, targetAddress: 0x0a4d_0003, targetPort: 8080)

    private func hex(_ buffer: ByteBuffer) -> String {
        buffer.readableBytesView.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private func written(_ records: [Version1Record]) -> ByteBuffer {
        var buffer = ByteBuffer()
        for record in records { record.write(to: &buffer) }
        return buffer
    }

    @Test func `the records of tcpcopy are these`() {
        #expect(hex(written([.version])) == "000000000000" + "0006" + "000000000000")
        #expect(hex(written([.add(session)])) == "0a4d0102" + "9c40" + "0001" + "0a4d0003" + "1f90")
        #expect(hex(written([.delete(session)])) == "0a4d0102" + "9c40" + "0002" + "0a4d0003" + "1f90")
    }

    @Test func `records are read wherever they are cut`() throws {
        let records: [Version1Record] = [.version, .add(session), .delete(session), .add(session)]
        let stream = written(records)
        for size in 1...stream.readableBytes {
            var decoder = Version1RecordDecoder()
            var rest = stream
            var read: [Version1Record] = []
            while rest.readableBytes > 0 {
                let piece = rest.readSlice(length: min(size, rest.readableBytes))
                decoder.receive(try #require(piece))
                while let record = try decoder.next() { read.append(record) }
            }
            #expect(read == records)
        }
        #expect(Version1Session(session.flow) == session)
        #expect("\(session.flow)" == "10.77.1.2.40000 > 10.77.0.3.8080")
    }

    @Test(arguments: [
        ("00000000000080050000000000 00", Version1Fault.otherVersion(32_773)),
        ("0000000000000000000000000000", .otherVersion(0)),
        ("0000000000000006000000000001", .badFirstRecord),
        ("0a4d01029c4000010a4d00031f90", .badFirstRecord),
        ("0000000000000006000000000000 0a4d01029c4000030a4d00031f90", .unknownType(3)),
        ("0000000000000006000000000000 0000000000000006000000000000", .unknownType(6)),
    ])
    func `what is no record is a fault`(stream: String, fault: Version1Fault) throws {
        var decoder = Version1RecordDecoder()
        decoder.receive(ByteBuffer(bytes: bytes(stream)))
        #expect(throws: RelayFault.version1(fault)) { while try decoder.next() != nil {} }
    }

    /// A SYN-ACK and a piece of an answer.
    private var headers: [SegmentHeader] {
        var synAck = SegmentHeader(
            flow: session.flow.reversed, sequence: SequenceNumber(7000), acknowledgement: SequenceNumber(1001),
            flags: [.syn, .ack], window: 65_160)
        synAck.options.maximumSegmentSize = 1460
        synAck.options.sackPermitted = true
        synAck.options.timestamps = TCPTimestamps(value: 0x0102_0304, echo: 0x0506_0708)
        synAck.options.windowScale = 7
        let answer = SegmentHeader(
            flow: session.flow.reversed, sequence: SequenceNumber(7001), acknowledgement: SequenceNumber(1101),
            flags: [.psh, .ack], window: 502, urgentPointer: 9, payloadLength: 1448)
        return [synAck, answer]
    }

    private static let batch =
        "0002"
        + "4500004000004000400600000a4d00030a4d0102" + "1f909c40" + "00001b58" + "000003e9" + "b012fe88" + "00000000"
        + "020405b4" + "01010402" + "0101080a0102030405060708" + "01030307"
        + "450005d000004000400600000a4d00030a4d0102" + "1f909c40" + "00001b59" + "0000044d" + "501801f6" + "00000009"
        + "000000000000000000000000000000000000000000000000"

    @Test func `a batch of two headers is this`() {
        var buffer = ByteBuffer()
        var writer = Version1BatchWriter()
        for header in headers { writer.write(header, to: &buffer) }
        #expect(hex(buffer) == Self.batch)
    }

    @Test func `headers are read wherever their batches are cut`() throws {
        let stream = ByteBuffer(bytes: bytes("0000" + Self.batch + Self.batch))
        for size in 1...stream.readableBytes {
            var decoder = Version1HeaderDecoder()
            var rest = stream
            var read: [SegmentHeader] = []
            while rest.readableBytes > 0 {
                let piece = rest.readSlice(length: min(size, rest.readableBytes))
                decoder.receive(try #require(piece))
                while let header = try decoder.next() { read.append(header) }
            }
            #expect(read == headers + headers)
        }
    }

    @Test func `a batch ends with its sixteenth header, or when it is sent`() throws {
        var buffer = ByteBuffer()
        var writer = Version1BatchWriter()
        for _ in 0..<35 { writer.write(headers[0], to: &buffer) }
        #expect(buffer.readableBytes == 3 * 2 + 35 * 64)
        for count in [16, 16, 3] as [UInt16] {
            #expect(buffer.readInteger(as: UInt16.self) == count)
            buffer.moveReaderIndex(forwardBy: Int(count) * 64)
        }
        writer.onFlushed()
        buffer.clear()
        writer.write(headers[1], to: &buffer)
        #expect(buffer.readInteger(as: UInt16.self) == 1)
    }

    private func faultOf(_ stream: [UInt8]) -> RelayFault? {
        var decoder = Version1HeaderDecoder()
        decoder.receive(ByteBuffer(bytes: stream))
        do throws(RelayFault) {
            while try decoder.next() != nil {}
            return nil
        } catch {
            return error
        }
    }

    @Test func `a larger batch than sixteen is a fault, whatever follows`() {
        #expect(faultOf([0, 16]) == nil)
        #expect(faultOf([0, 17]) == .version1(.oversizedBatch(17)))
        #expect(faultOf([0x45, 0]) == .version1(.oversizedBatch(0x4500)))
    }

    @Test func `a header that is no TCP segment in IPv4 is a fault`() {
        let valid = bytes(Self.batch)
        #expect(faultOf(valid) == nil)
        // Version, IHL, total length, protocol, data offset: positions behind the count.
        for (position, value) in [(2, 0x65), (2, 0x44), (4, 0x00), (11, 17), (34, 0x40)] as [(Int, UInt8)] {
            var damaged = valid
            damaged[position] = value
            if position == 4 { damaged[5] = 39 }
            #expect(faultOf(damaged) == .version1(.badHeader), "position \(position)")
        }
    }

    @Test func `IP options that were left out still count in the lengths`() throws {
        var record = bytes(Self.batch)
        record[2] = 0x47
        record[5] += 8
        var decoder = Version1HeaderDecoder()
        decoder.receive(ByteBuffer(bytes: record))
        #expect(try decoder.next() == headers[0])
    }

    @Test func `of options that were cut, those that are there are read`() throws {
        // 40 bytes of options, of which 24 came: timestamps, and a SACK option that runs past the record.
        let sack = "0101051a" + "0000000100000002" + "0000000300000004" + "0000000500000006"
        var record = bytes("0001" + Self.batch.dropFirst(4).prefix(80) + "0101080a0102030405060708" + sack.prefix(24))
        record[5] = 0x50
        record[34] = 0xf0
        var decoder = Version1HeaderDecoder()
        decoder.receive(ByteBuffer(bytes: record))
        let header = try #require(try decoder.next())
        #expect(header.options.timestamps == headers[0].options.timestamps)
        #expect(header.options.sackBlocks.isEmpty && header.payloadLength == 0)
    }

    @Test func `as many SACK blocks are sent as have room`() throws {
        for (hasTimestamps, left) in [(true, 1), (false, 2)] {
            var header = headers[1]
            header.options.timestamps = hasTimestamps ? TCPTimestamps(value: 1, echo: 2) : nil
            for block in 0..<4 as Range<UInt32> {
                header.options.sackBlocks.append(
                    SequenceRange(SequenceNumber(block * 100), SequenceNumber(block * 100 + 50)))
            }
            var buffer = ByteBuffer()
            var writer = Version1BatchWriter()
            writer.write(header, to: &buffer)
            var decoder = Version1HeaderDecoder()
            decoder.receive(buffer)
            let read = try #require(try decoder.next())
            #expect(read.payloadLength == 1448)
            #expect(read.options.timestamps == header.options.timestamps)
            #expect(read.options.sackBlocks.count == left)
            for index in 0..<left { #expect(read.options.sackBlocks[index] == header.options.sackBlocks[index]) }
        }
    }

    @Test(arguments: [65_471, 65_472, 200_000, 16_000_000])
    func `a super-segment longer than 16 bits tell becomes several without a gap`(length: Int) throws {
        var header = headers[1]
        header.sequence = SequenceNumber(.max - 3)
        header.flags = [.psh, .ack, .fin]
        header.payloadLength = length
        var buffer = ByteBuffer()
        var writer = Version1BatchWriter()
        writer.write(header, to: &buffer)
        var decoder = Version1HeaderDecoder()
        decoder.receive(buffer)
        var next = header.sequence
        var flags: [TCPFlags] = []
        while let part = try decoder.next() {
            #expect(part.sequence == next)
            next = part.sequenceEnd
            flags.append(part.flags)
        }
        #expect(next == header.sequenceEnd)
        #expect(flags.count == (length + 65_470) / 65_471)
        #expect(flags.last == header.flags && flags.dropLast().allSatisfy { $0 == .ack })
    }
}
