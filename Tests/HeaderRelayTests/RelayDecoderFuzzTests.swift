import NIOCore
import Testing
import Wire

@testable import HeaderRelay

/// Bytes of any kind end in messages or in a fault, never in a trap, and what is kept of them stays bounded.
struct RelayDecoderFuzzTests {
    /// Reads a stream in pieces of random size; true when it came to a fault.
    private func survive(_ bytes: [UInt8], cutBy generator: inout SeededGenerator) -> Bool {
        var decoder = RelayDecoder()
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...200, using: &generator))
            rest = rest.dropFirst(piece.count)
            decoder.receive(ByteBuffer(bytes: piece))
            do {
                while let message = try decoder.next() {
                    // Whatever is read can be written and described.
                    var again = ByteBuffer()
                    message.write(to: &again)
                    if case .header(let header) = message { _ = header.description }
                }
            } catch {
                _ = error.description
                return true
            }
        }
        return false
    }

    @Test(arguments: [1, 2, 3, 4]) func `random bytes do no harm`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let count = Int.random(in: 0...2_000, using: &generator)
            let noise = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let stream = Bool.random(using: &generator) ? Array("tcpcopy\u{2}".utf8) + noise : noise
            _ = survive(stream, cutBy: &generator)
        }
    }

    @Test(arguments: [11, 12, 13, 14]) func `valid streams with some bytes changed do no harm`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let valid = Array(Samples.bytes(of: Samples.messages).readableBytesView)
        var faults = 0
        for _ in 0..<500 {
            var stream = valid
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let position = Int.random(in: 0..<stream.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: stream[position] = .random(in: .min ... .max, using: &generator)
                case 1: stream.remove(at: position)
                default: stream.insert(.random(in: .min ... .max, using: &generator), at: position)
                }
            }
            if survive(stream, cutBy: &generator) { faults += 1 }
        }
        #expect(faults > 100, "seed \(seed): damage goes unnoticed too often")
    }

    @Test func `every byte of every message may take every value`() {
        for message in Samples.messages {
            let valid = Array(Samples.bytes(of: [message]).readableBytesView)
            var generator = SeededGenerator(seed: 21)
            for position in valid.indices.prefix(120) {
                for value in stride(from: UInt8.min, through: .max, by: 15) {
                    var stream = valid
                    stream[position] = value
                    _ = survive(stream, cutBy: &generator)
                }
            }
        }
    }
}
