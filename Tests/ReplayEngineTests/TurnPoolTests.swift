import Testing
import Wire

@testable import ReplayEngine

@Suite struct TurnPoolTests {
    private static func turn(_ number: UInt32) -> Turn {
        Turn(kind: .exchange, waits: true, answered: 0, end: SequenceNumber(number), capturedAt: .zero)
    }

    @Test(arguments: 1...10)
    func `its queues do what arrays do, in any order of operations`(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var pool = TurnPool()
        var queues = [TurnQueue](repeating: TurnQueue(), count: 4)
        var models = [[UInt32]](repeating: [], count: 4)
        for number in 0..<2_000 as Range<UInt32> {
            let index = Int.random(in: 0..<4, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0..<2:
                pool.append(Self.turn(number), to: &queues[index])
                models[index].append(number)
            case 2 where !models[index].isEmpty:
                pool.updateLast(of: queues[index]) { $0.end = SequenceNumber(number) }
                models[index][models[index].count - 1] = number
            default:
                let removed = pool.removeFirst(of: &queues[index])
                #expect(removed?.end.rawValue == (models[index].isEmpty ? nil : models[index].removeFirst()))
            }
            #expect(queues[index].isEmpty == models[index].isEmpty)
            #expect(pool.first(of: queues[index])?.end.rawValue == models[index].first)
            #expect(pool.last(of: queues[index])?.end.rawValue == models[index].last)
            let waiting = models.reduce(0) { $0 + $1.count }
            #expect(pool.bytesInUse >= waiting * MemoryLayout<Turn>.size && (pool.bytesInUse == 0) == (waiting == 0))
        }
    }
}
