import Testing
import Wire

@testable import ReplayEngine

@Suite struct FlowTableTests {
    private static func flow(_ number: Int) -> Flow {
        Flow(
            from: Endpoint(IPAddress(v4: 0x0a00_0000 + UInt32(number % 7)), UInt16(truncatingIfNeeded: number)),
            to: Endpoint(IPAddress(v4: 0x0b00_0001), 80))
    }

    @Test(arguments: 1...10)
    func `it does what a dictionary does, in any order of operations`(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var table = FlowTable()
        var model: [Flow: Int] = [:]
        var flows: [Flow] = []
        for _ in 0..<4_000 {
            let flow = Self.flow(Int.random(in: 0..<700, using: &generator))
            let found = table.find(flow) { flows[$0] == flow }
            #expect(found == model[flow])
            if let found {
                guard Bool.random(using: &generator) else { continue }
                table.remove(flow, found)
                model[flow] = nil
            } else {
                model[flow] = flows.count
                table.insert(flow, flows.count)
                flows.append(flow)
            }
            #expect(table.count == model.count)
        }
        for (flow, index) in model { #expect(table.find(flow) { flows[$0] == flow } == index) }
    }

    @Test func `removing what is not there changes nothing`() {
        var table = FlowTable()
        table.insert(Self.flow(1), 1)
        table.remove(Self.flow(1), 2)
        table.remove(Self.flow(2), 2)
        #expect(table.count == 1)
        #expect(table.find(Self.flow(1)) { $0 == 1 } == 1)
    }
}
