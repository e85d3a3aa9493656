import Testing
import Wire

@testable import ReplayEngine

@Suite struct PairAllotmentTests {
    @Test func `every pair of a pool is given once, then the one given back first`() throws {
        let pool = AddressPool([try #require(AddressPrefix(IPAddress(v4: 0x0a00_0000), length: 30))])
        var pairs = PairAllotment(pool: pool, ports: [5_000, 5_001, 5_002], start: 7)
        var given: [Endpoint] = []
        while let pair = pairs.take() { given.append(pair) }
        #expect(given.count == 6)
        #expect(Set(given).count == 6)
        #expect(given.allSatisfy { pool.contains($0.address) })
        pairs.giveBack(given[4])
        pairs.giveBack(given[1])
        #expect(pairs.take() == given[4])
        #expect(pairs.take() == given[1])
        #expect(pairs.take() == nil)
    }

    @Test func `pairs that come and go for long are never given twice at once`() throws {
        let pool = AddressPool([try #require(AddressPrefix(IPAddress(v4: 0x0a00_0000), length: 29))])
        var generator = SplitMix64(seed: 5)
        var pairs = PairAllotment(pool: pool, ports: Array(2_000..<2_300), start: 0)
        var held: [Endpoint] = []
        var taken: Set<Endpoint> = []
        var isTwice = false
        for _ in 0..<20_000 {
            if Bool.random(using: &generator), let pair = pairs.take() {
                isTwice = isTwice || !taken.insert(pair).inserted
                held.append(pair)
            } else if !held.isEmpty {
                let pair = held.swapRemove(at: Int.random(in: 0..<held.count, using: &generator))
                taken.remove(pair)
                pairs.giveBack(pair)
            }
        }
        #expect(!isTwice)
    }

    @Test func `the parts of the ports share none and leave none out`() {
        var seen: [UInt16: Int] = [:]
        for part in 1...PortSpace.parts {
            for port in PortSpace(slice: .whole, part: part).ports { seen[port, default: 0] += 1 }
        }
        #expect(seen.count == 64_512)
        #expect(seen.values.allSatisfy { $0 == 1 })
        let slices = (0..<UInt16(3)).map { PortSpace(slice: Slice(index: $0, count: 3), part: 0).ports }
        #expect(slices.reduce(0) { $0 + $1.count } == 64_512)
        #expect(Set(slices.joined()).count == 64_512)
    }
}

extension Array {
    fileprivate mutating func swapRemove(at index: Int) -> Element {
        swapAt(index, count - 1)
        return removeLast()
    }
}
