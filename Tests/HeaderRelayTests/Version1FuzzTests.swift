import NIOCore
import Testing
import Wire

@testable import HeaderRelay

/// Bytes of any kind end in records, headers or a fault, never in a trap.
struct Version1FuzzTests {
    private func pieces(of bytes: [UInt8], _ generator: inout SeededGenerator) -> [ByteBuffer] {
        var rest = bytes[...]
        var pieces: [ByteBuffer] = []
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...200, using: &generator))
            rest = rest.dropFirst(piece.count)
            pieces.append(ByteBuffer(bytes: piece))
        }
        return pieces
    }

    /// The fault that a tcpcopy's stream ends in.
    private func fault(ofRecords bytes: [UInt8], _ generator: inout SeededGenerator) -> RelayFault? {
        var decoder = Version1RecordDecoder()
        do throws(RelayFault) {
            for piece in pieces(of: bytes, &generator) {
                decoder.receive(piece)
                while let record = try decoder.next() {
                    var again = ByteBuffer()
                    record.write(to: &again)
                }
            }
            return nil
        } catch {
            return error
        }
    }

    /// The fault that an intercept's stream ends in.
    private func fault(ofHeaders bytes: [UInt8], _ generator: inout SeededGenerator) -> RelayFault? {
        var decoder = Version1HeaderDecoder()
        var writer = Version1BatchWriter()
        do throws(RelayFault) {
            for piece in pieces(of: bytes, &generator) {
                decoder.receive(piece)
                while let header = try decoder.next() {
                    // Whatever is read can be described, and written, and then read the same.
                    _ = header.description
                    var again = ByteBuffer()
                    writer.write(header, to: &again)
                    writer.onFlushed()
                    var second = Version1HeaderDecoder()
                    second.receive(again)
                    let reread = try second.next()
                    #expect(reread?.flow == header.flow && reread?.sequence == header.sequence)
                }
            }
            return nil
        } catch {
            return error
        }
    }

    private var records: [UInt8] {
        var buffer = ByteBuffer()
        Version1Record.version.write(to: &buffer)
        for port in 0..<40 as Range<UInt16> {
            guard let session = Version1Session(Samples.session(port)) else { continue }
            (port % 3 == 0 ? Version1Record.delete(session) : .add(session)).write(to: &buffer)
        }
        return Array(buffer.readableBytesView)
    }

    private var headers: [UInt8] {
        var buffer = ByteBuffer()
        var writer = Version1BatchWriter()
        for header in Samples.headers + Samples.headers + Samples.headers where header.flow.sourceAddress.isIPv4 {
            writer.write(header, to: &buffer)
        }
        return Array(buffer.readableBytesView)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func `random bytes do no harm`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let count = Int.random(in: 0...2_000, using: &generator)
            let noise = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let begins = Bool.random(using: &generator)
            _ = fault(ofRecords: (begins ? Array(records.prefix(14)) : []) + noise, &generator)
            _ = fault(ofHeaders: (begins ? [0, 16] : []) + noise, &generator)
        }
    }

    @Test(arguments: 11...14 as ClosedRange<UInt64>)
    func `valid streams with some bytes changed do no harm`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var faults = (records: 0, headers: 0)
        let (records, headers) = (records, headers)
        #expect(fault(ofRecords: records, &generator) == nil)
        #expect(fault(ofHeaders: headers, &generator) == nil)
        for _ in 0..<500 {
            if fault(ofRecords: damaged(records, &generator), &generator) != nil { faults.records += 1 }
            if fault(ofHeaders: damaged(headers, &generator), &generator) != nil { faults.headers += 1 }
        }
        #expect(faults.records > 100 && faults.headers > 100, "seed \(seed): damage goes unnoticed too often")
    }

    private func damaged(_ valid: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var stream = valid
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let position = Int.random(in: 0..<stream.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: stream[position] = .random(in: .min ... .max, using: &generator)
            case 1: stream.remove(at: position)
            default: stream.insert(.random(in: .min ... .max, using: &generator), at: position)
            }
        }
        return stream
    }

    @Test func `every byte of a header may take every value`() {
        var generator = SeededGenerator(seed: 21)
        let valid = Array(headers.prefix(2 + 64 * 2))
        for position in valid.indices {
            for value in stride(from: UInt8.min, through: .max, by: 5) {
                var stream = valid
                stream[position] = value
                _ = fault(ofHeaders: stream, &generator)
            }
        }
    }
}
