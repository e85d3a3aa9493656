import Testing
import Wire

@Suite struct FlowTests {
    @Test func `a flow seen from the other end is the same twice reversed`() {
        let flow = Flow(from: Endpoint(Sample.clientV4, 40_000), to: Endpoint(Sample.targetV4, 80))
        #expect(flow.reversed.source == flow.destination && flow.reversed.destination == flow.source)
        #expect(flow.reversed.reversed == flow && flow.reversed != flow)
    }

    /// Tables of ours take the low bits, or the high ones.
    @Test(arguments: [0, 52])
    func `flows of one service are mixed into all buckets, and so are their clients`(_ shift: Int) {
        var buckets = [Int](repeating: 0, count: 4096)
        var clients = buckets
        var count = 0
        for client in 0..<64 {
            for port in stride(from: UInt16(32_768), to: 60_000, by: 64) {
                let source = Endpoint(IPAddress(v4: 0x0a00_0000 + UInt32(client)), port)
                buckets[Int(Flow(from: source, to: Endpoint(Sample.targetV4, 80)).mixed >> UInt64(shift) & 4095)] += 1
                clients[Int(source.mixed >> UInt64(shift) & 4095)] += 1
                count += 1
            }
        }
        // Six standard deviations of a fair die.
        let fair = Double(count) / 4096
        for buckets in [buckets, clients] {
            #expect(buckets.allSatisfy { abs(Double($0) - fair) < 6 * fair.squareRoot() + 1 })
            #expect(buckets.filter { $0 == 0 }.count < 41)
        }
    }

    @Test func `every part of a flow counts in its hash, and the hash is the same in every run`() {
        let flow = Flow(from: Endpoint(Sample.clientV6, 40_000), to: Endpoint(Sample.targetV6, 80))
        var others = [flow.reversed]
        for change: (inout Flow) -> Void in [
            { $0.sourcePort ^= 1 }, { $0.destinationPort ^= 1 }, { $0.sourceAddress.low ^= 1 },
            { $0.sourceAddress.high ^= 1 }, { $0.destinationAddress.low ^= 1 }, { $0.destinationAddress.high ^= 1 },
        ] {
            var other = flow
            change(&other)
            others.append(other)
        }
        #expect(others.allSatisfy { $0.mixed != flow.mixed })
        // Printed once; it must never change.
        let fixed = Flow(from: Endpoint(IPAddress(v4: 1), 2), to: Endpoint(IPAddress(v4: 3), 4))
        #expect(fixed.mixed == 16_810_511_395_934_474_173)
    }
}
