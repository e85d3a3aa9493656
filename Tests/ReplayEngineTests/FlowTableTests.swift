import Testing
import Wire

@testable import ReplayEngine

@Suite struct FlowTableTests {
    private static func flow(_ number: Int) -> Flow {
        Flow(
            from: Endpoint(IPAddress(v4: 0x0a00_0000 + UInt32(number % 7)), UInt16(truncatingIfNeeded: number)),
            to: Endpoint(IPAddress(v4: 0x0b00_0001), 80))
    }

    /// Some stand for both sides, some under another source on the other side, as with `-c`.
    @Test(arguments: 1...10)
    func `it does what two dictionaries do, in any order of operations`(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var table = FlowTable()
        var models: [FlowTable.Side: [Flow: Int]] = [.captured: [:], .replayed: [:]]
        var flows: [[FlowTable.Side: Flow]] = []
        func expectSame(_ flow: Flow, _ side: FlowTable.Side) -> Int? {
            let found = table.find(flow, side) { flows[$0][side] == flow }
            #expect(found == models[side]?[flow])
            return found
        }
        for _ in 0..<6_000 {
            let flow = Self.flow(Int.random(in: 0..<700, using: &generator))
            let side: FlowTable.Side = Bool.random(using: &generator) ? .captured : .replayed
            if let found = expectSame(flow, side) {
                guard Bool.random(using: &generator) else { continue }
                let isRemoved = table.remove(flow, found, side)
                #expect(isRemoved)
                models[side]?[flow] = nil
                continue
            }
            // Of an index that stands on the other side already, or of a new one.
            let other: FlowTable.Side = side == .captured ? .replayed : .captured
            let known = models[other]?[flow] ?? flows.count
            if known == flows.count { flows.append([:]) }
            guard flows[known][side].map({ models[side]?[$0] != known }) ?? true else { continue }
            flows[known][side] = flow
            table.insert(flow, known, side)
            models[side]?[flow] = known
            #expect(table.capturedCount == models[.captured]?.count)
            #expect(table.replayedCount == models[.replayed]?.count)
        }
        for number in 0..<700 {
            for side in [FlowTable.Side.captured, .replayed] { _ = expectSame(Self.flow(number), side) }
        }
    }

    @Test func `one index stands under two clients, one for each side`() {
        var table = FlowTable()
        table.insert(Self.flow(1), 5, .captured)
        table.insert(Self.flow(2), 5, .replayed)
        #expect(table.find(Self.flow(1), .captured) { $0 == 5 } == 5)
        #expect(table.find(Self.flow(2), .replayed) { $0 == 5 } == 5)
        #expect(table.find(Self.flow(1), .replayed) { $0 == 5 } == nil)
        let isRemoved = (table.remove(Self.flow(1), 5, .replayed), table.remove(Self.flow(1), 5, .captured))
        #expect(isRemoved == (false, true))
        #expect(table.find(Self.flow(2), .replayed) { $0 == 5 } == 5)
    }

    @Test func `removing what is not there changes nothing`() {
        var table = FlowTable()
        table.insert(Self.flow(1), 1, .captured)
        table.remove(Self.flow(1), 2, .captured)
        table.remove(Self.flow(2), 2, .captured)
        table.remove(Self.flow(1), 1, .replayed)
        #expect(table.capturedCount == 1)
        #expect(table.replayedCount == 0)
        #expect(table.find(Self.flow(1), .captured) { $0 == 1 } == 1)
    }
}
