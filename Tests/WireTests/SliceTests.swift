import Testing
import Wire

@Suite struct SliceTests {
    static let counts: [UInt16] = [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 31, 32, 64, 100, 255, 256, 1000, 65_535]

    @Test(arguments: counts)
    func `every port belongs to exactly one slice`(_ count: UInt16) {
        var members = [Int](repeating: 0, count: Int(count))
        for port in UInt16.min...UInt16.max { members[Int(Slice.index(ofPort: port, count: count))] += 1 }
        for index in [0, count / 2, count - 1] {
            let slice = Slice(index: index, count: count)
            let wrong = (0...UInt16.max).filter {
                slice.contains(port: $0) != (Slice.index(ofPort: $0, count: count) == index)
            }
            #expect(wrong.isEmpty)
        }
        let fair = 65_536 / Int(count)
        #expect(members.allSatisfy { (fair...fair + 1).contains($0) })
    }

    /// Kernels give connecting sockets ports of one parity first: Linux even ones, from 32768 to 60999 by default.
    @Test(arguments: counts.filter { $0 <= 64 })
    func `the even ports of a kernel's range are dealt out evenly, and so are the odd ones`(_ count: UInt16) {
        for parity: UInt16 in 0...1 {
            var members = [Int](repeating: 0, count: Int(count))
            for port in stride(from: 32_768 + parity, through: 60_999, by: 2) {
                members[Int(Slice.index(ofPort: port, count: count))] += 1
            }
            let fair = Double(28_232 / 2) / Double(count)
            for index in members.indices {
                #expect(abs(Double(members[index]) - fair) <= max(3, fair * 0.03), "slice \(index): \(members[index])")
            }
        }
    }

    @Test(arguments: counts.filter { $0 <= 16 })
    func `a hundred ports in a row reach all slices`(_ count: UInt16) {
        for first in stride(from: UInt16(1024), to: 60_000, by: 997) {
            for step: UInt16 in [1, 2] {
                let reached = Set((0..<100).map { Slice.index(ofPort: first + $0 * step, count: count) })
                #expect(reached.count == Int(count), "from \(first)")
            }
        }
    }

    /// The kernel steers capture sockets with the same formula: classic BPF has one 32-bit accumulator that wraps.
    @Test(arguments: counts)
    func `classic BPF computes the same`(_ count: UInt16) {
        let wrong = (0...UInt16.max).filter { port in
            var accumulator = UInt32(port)
            accumulator = accumulator &* 40_503
            accumulator &= 0xffff
            accumulator = accumulator &* UInt32(count)
            accumulator >>= 16
            return accumulator != UInt32(Slice.index(ofPort: port, count: count))
        }
        #expect(wrong.isEmpty)
    }

    @Test func `known ports are where the protocol says, for ever`() {
        #expect(Slice.index(ofPort: 40_000, count: 4) == 0)
        #expect(Slice.index(ofPort: 40_001, count: 4) == 2)
        #expect(Slice.index(ofPort: 40_002, count: 4) == 1)
        #expect(Slice.index(ofPort: 65_535, count: 8) == 3)
        #expect(Slice.whole.contains(port: 0) && Slice.whole.contains(port: .max))
    }

    @Test func `two slices overlap where they share a port, and one contains the other where it has all of them`() {
        let slices = (1...8).flatMap { count in (0..<count).map { Slice(index: UInt16($0), count: UInt16(count)) } }
        let ports = slices.map { slice in Set((0...UInt16.max).filter(slice.contains(port:))) }
        for (one, some) in zip(slices, ports) {
            for (other, others) in zip(slices, ports) {
                #expect(one.overlaps(other) == !some.isDisjoint(with: others), "\(one) \(other)")
                #expect(one.contains(other) == some.isSuperset(of: others), "\(one) \(other)")
            }
        }
    }
}
