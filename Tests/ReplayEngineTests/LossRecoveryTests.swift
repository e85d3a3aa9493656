import Testing
import Wire

@testable import ReplayEngine

@Suite struct LossRecoveryTests {
    private static func blocks(_ ranges: (UInt32, UInt32)...) -> SACKBlocks {
        var blocks = SACKBlocks()
        for range in ranges {
            blocks.append(SequenceRange(SequenceNumber(range.0), SequenceNumber(range.1)))
        }
        return blocks
    }

    /// A recovery that has begun: 1000 acknowledged, 9000 sent.
    private static func begun() -> LossRecovery {
        var recovery = LossRecovery()
        for count in 1...3 {
            #expect(
                recovery.onDuplicate(unacknowledged: SequenceNumber(1000), highest: SequenceNumber(9000))
                    == (count == 3))
        }
        return recovery
    }

    private static func hole(_ recovery: inout LossRecovery, from: UInt32 = 1000) -> Range<UInt32>? {
        recovery.takeHole(from: SequenceNumber(from), to: SequenceNumber(9000), segment: 1000).map {
            $0.start.rawValue..<$0.end.rawValue
        }
    }

    @Test func `without blocks the first segment goes again, and one for each partial acknowledgement`() {
        var recovery = Self.begun()
        #expect(Self.hole(&recovery) == 1000..<2000)
        #expect(Self.hole(&recovery) == nil)
        #expect(recovery.onProgress(SequenceNumber(4000)) == .partial)
        #expect(Self.hole(&recovery, from: 4000) == 4000..<5000)
        #expect(recovery.onProgress(SequenceNumber(9000)) == .recovered)
        #expect(!recovery.isRecovering)
    }

    @Test func `with blocks every hole below the highest goes, one an acknowledgement, and nothing else`() {
        var recovery = Self.begun()
        recovery.onBlocks(
            Self.blocks((2000, 3000), (5000, 6000)), unacknowledged: SequenceNumber(1000), highest: SequenceNumber(9000)
        )
        var holes: [Range<UInt32>] = []
        for _ in 0..<8 {
            if let hole = Self.hole(&recovery) { holes.append(hole) }
            _ = recovery.onDuplicate(unacknowledged: SequenceNumber(1000), highest: SequenceNumber(9000))
        }
        #expect(holes == [1000..<2000, 3000..<4000, 4000..<5000])
    }

    @Test func `blocks outside what was sent are none of ours`() {
        var recovery = Self.begun()
        recovery.onBlocks(
            Self.blocks((500, 800), (8000, 12000), (3000, 2000)), unacknowledged: SequenceNumber(1000),
            highest: SequenceNumber(9000))
        #expect(recovery.firstMissing(from: SequenceNumber(8500)) == SequenceNumber(8500))
        #expect(Self.hole(&recovery) == 1000..<2000)
    }

    @Test func `after a time-out duplicates of what was sent before prove nothing`() {
        var recovery = LossRecovery()
        recovery.onTimeout(highest: SequenceNumber(9000))
        for _ in 0..<10 {
            #expect(recovery.onDuplicate(unacknowledged: SequenceNumber(1000), highest: SequenceNumber(9000)) == false)
        }
        #expect(recovery.onProgress(SequenceNumber(9000)) == .ordinary)
        for count in 1...3 {
            #expect(
                recovery.onDuplicate(unacknowledged: SequenceNumber(9000), highest: SequenceNumber(9500))
                    == (count == 3))
        }
    }

    @Test func `an empty hole at the end of the bytes is the FIN`() {
        var recovery = LossRecovery()
        for _ in 0..<3 { _ = recovery.onDuplicate(unacknowledged: SequenceNumber(9000), highest: SequenceNumber(9001)) }
        #expect(Self.hole(&recovery, from: 9000) == 9000..<9000)
    }
}
