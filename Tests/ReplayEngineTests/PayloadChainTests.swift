import Testing
import Wire

@testable import ReplayEngine

@Suite struct PayloadChainTests {
    /// What a chain holds in a range, by way of a packet.
    private static func read(_ range: Range<Int>, of chain: inout PayloadChain, _ pool: borrowing PayloadPool)
        -> [UInt8]
    {
        let ends = Flow(from: Endpoint(IPAddress(v4: 1), 1), to: Endpoint(IPAddress(v4: 2), 2))
        var batch = PacketBatch(byteCapacity: range.count + 200, packetCapacity: 1)
        batch.begin(SegmentHeader(flow: ends, sequence: SequenceNumber(0), flags: .ack, window: 0), target: 0)
        chain.copy(range, to: &batch, from: pool)
        batch.end()
        return [UInt8](copying: batch.packet(0).extracting(40...))
    }

    @Test(arguments: 1...20)
    func `it does what an array of bytes does, in any order of operations`(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var pool = PayloadPool()
        var chains = [PayloadChain(), PayloadChain(), PayloadChain()]
        var models: [[UInt8]] = [[], [], []]
        for _ in 0..<600 {
            let index = Int.random(in: 0..<3, using: &generator)
            let length = Int.random(in: 0...(Bool.random(using: &generator) ? 100 : 9_000), using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<4:
                let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
                chains[index].append(bytes.rawSpan, in: &pool)
                models[index] += bytes
            case 4..<6:
                let count = min(length, models[index].count)
                chains[index].removeFirst(count, in: &pool)
                models[index].removeFirst(count)
            case 6 where Int.random(in: 0..<10, using: &generator) == 0:
                chains[index].removeAll(in: &pool)
                models[index] = []
            default:
                guard !models[index].isEmpty else { continue }
                let start = Int.random(in: 0..<models[index].count, using: &generator)
                let end = min(models[index].count, start + min(length, 1_460))
                #expect(Self.read(start..<end, of: &chains[index], pool) == Array(models[index][start..<end]))
            }
            #expect(chains[index].count == models[index].count)
        }
        for index in 0..<3 { chains[index].removeAll(in: &pool) }
        #expect(pool.bytesInUse == 0)
    }

    @Test func `bytes that are dropped one by one free their blocks`() {
        var pool = PayloadPool()
        var chain = PayloadChain()
        chain.append([UInt8](repeating: 1, count: 10_000).rawSpan, in: &pool)
        #expect(pool.bytesInUse == 5 * PayloadPool.blockSize)
        for _ in 0..<8_192 { chain.removeFirst(1, in: &pool) }
        #expect(pool.bytesInUse == PayloadPool.blockSize)
        chain.removeFirst(chain.count, in: &pool)
        #expect(pool.bytesInUse == 0)
    }

    @Test func `its end is dropped to the byte, its blocks are given back, and it goes on growing from there`() {
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        for first in [0, 1, 2_047, 2_048, 5_000] {
            for rest in [0, 1, 47, 48, 2_047, 2_048, 2_049, 4_096, 5_000] where first + rest <= bytes.count {
                var pool = PayloadPool()
                var chain = PayloadChain()
                chain.append(bytes.rawSpan, in: &pool)
                chain.removeFirst(first, in: &pool)
                chain.removeLast(leaving: rest, in: &pool)
                #expect(chain.count == rest)
                let blocks = rest == 0 ? 0 : (first % PayloadPool.blockSize + rest - 1) / PayloadPool.blockSize + 1
                #expect(pool.bytesInUse == blocks * PayloadPool.blockSize, "\(first), \(rest)")
                chain.append(bytes.rawSpan.extracting(first: 3_000), in: &pool)
                let expected = Array(bytes[first..<first + rest] + bytes[..<3_000])
                #expect(Self.read(0..<chain.count, of: &chain, pool) == expected, "\(first), \(rest)")
                chain.removeAll(in: &pool)
                #expect(pool.bytesInUse == 0)
            }
        }
    }

    @Test func `there is no room beyond the limit, what is reserved included, but always for nothing`() {
        var settings = PacketScript.settings()
        settings.memoryLimit = 10 * PayloadPool.blockSize
        var resources = ReplayResources(settings: settings)
        #expect(resources.hasRoom(forBytes: 7 * PayloadPool.blockSize) == true)
        #expect(resources.hasRoom(forBytes: 8 * PayloadPool.blockSize) == false)
        resources.payload.reserve(5 * PayloadPool.blockSize)
        #expect(resources.hasRoom(forBytes: 2 * PayloadPool.blockSize) == true)
        #expect(resources.hasRoom(forBytes: 3 * PayloadPool.blockSize) == false)
        resources.payload.unreserve(5 * PayloadPool.blockSize)
        var chain = PayloadChain()
        chain.append([UInt8](repeating: 1, count: 10 * PayloadPool.blockSize).rawSpan, in: &resources.payload)
        #expect(resources.hasRoom(forBytes: 1) == false)
        #expect(resources.hasRoom(forBytes: 0) == true)
    }
}
