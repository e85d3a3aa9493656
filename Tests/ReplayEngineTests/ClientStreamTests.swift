import Testing
import Wire

@testable import ReplayEngine

@Suite struct ClientStreamTests {
    private static func held(_ range: Range<Int>, fin: Bool = false, ack: UInt32 = 100) -> ClientStream.Held {
        ClientStream.Held(
            sequence: SequenceNumber(UInt32(range.lowerBound)), bytes: range.map { UInt8($0 & 0xff) }, missing: 0,
            acknowledgement: SequenceNumber(ack), flags: fin ? [.ack, .fin] : .ack, capturedAt: .zero)
    }

    /// Puts pieces of six bytes into a stream the way a session does; returns what came out in order, or
    /// nothing when what is held is not what is reserved.
    private static func reassemble(_ pieces: [Range<Int>]) -> [UInt8] {
        var stream = ClientStream(next: SequenceNumber(0))
        var pool = PayloadPool()
        var output: [UInt8] = []
        func take(_ piece: ClientStream.Held) {
            let old = piece.sequence.distance(to: stream.next)
            guard old < piece.bytes.count else { return }
            output += piece.bytes[old...]
            stream.onTaken(piece.bytes.count - old, endsWrite: false)
        }
        for piece in pieces {
            if stream.next.rawValue < piece.lowerBound {
                stream.hold(held(piece), now: .zero, in: &pool)
            } else {
                take(held(piece))
            }
            while let ready = stream.takeReady(from: &pool) { take(ready) }
        }
        // What is held is reserved, and the other way round.
        return (pool.bytesInUse > 0) == stream.hasHole ? output : []
    }

    @Test func `any two overlapping, missing, repeated or swapped pieces of six bytes come out in order, once`() {
        let pieces = (0..<6).flatMap { start in (start + 1...6).map { start..<$0 } }
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    let covered = (0..<6).prefix { byte in [first, second, third].contains { $0.contains(byte) } }
                    if Self.reassemble([first, second, third]) != covered.map({ UInt8($0) }) {
                        Issue.record("\(first) \(second) \(third)")
                    }
                }
            }
        }
    }

    @Test func `an exchange begins where the acknowledgement has moved since the last one began`() {
        var stream = ClientStream(next: SequenceNumber(1))
        stream.onAcknowledgement(SequenceNumber(500), at: SequenceNumber(0), isBare: false)
        #expect(stream.isBoundary(acknowledging: SequenceNumber(500)), "the first bytes begin the first")
        #expect(stream.beginTurn(acknowledging: SequenceNumber(500)) == 0)
        #expect(!stream.isBoundary(acknowledging: SequenceNumber(500)))
        stream.onAcknowledgement(SequenceNumber(800), at: SequenceNumber(0), isBare: false)
        #expect(stream.isBoundary(acknowledging: SequenceNumber(800)))
        #expect(stream.beginTurn(acknowledging: SequenceNumber(800)) == 300)
        #expect(!stream.isBoundary(acknowledging: SequenceNumber(700)), "an older acknowledgement says nothing")
    }

    @Test func `the first bytes of a stream joined in the middle belong to an exchange that began before`() {
        var stream = ClientStream(next: SequenceNumber(1), isMidway: true)
        stream.onAcknowledgement(SequenceNumber(500), at: SequenceNumber(0), isBare: false)
        #expect(!stream.isBoundary(acknowledging: SequenceNumber(500)))
        #expect(stream.isBoundary(acknowledging: SequenceNumber(501)))
    }

    @Test func `numbers wrap`() {
        var stream = ClientStream(next: SequenceNumber(.max - 1))
        stream.onAcknowledgement(SequenceNumber(.max - 10), at: SequenceNumber(0), isBare: false)
        _ = stream.beginTurn(acknowledging: SequenceNumber(.max - 10))
        stream.onTaken(10, endsWrite: true)
        #expect(stream.next == SequenceNumber(8))
        #expect(stream.isBoundary(acknowledging: SequenceNumber(5)))
        #expect(stream.beginTurn(acknowledging: SequenceNumber(5)) == 16)
    }

    @Test func `a hole is waited for a second, but only 20 ms once the server has answered beyond it`() {
        var pool = PayloadPool()
        let now = Instant.zero + .seconds(5)
        var stream = ClientStream(next: SequenceNumber(0))
        stream.onAcknowledgement(SequenceNumber(100), at: SequenceNumber(0), isBare: false)
        #expect(stream.holeDeadline(roundTrip: .zero) == .never)
        stream.hold(Self.held(10..<20), now: now, in: &pool)
        #expect(stream.holeDeadline(roundTrip: .zero) == now + .seconds(1))
        stream.hold(Self.held(20..<30, ack: 101), now: now + .milliseconds(1), in: &pool)
        #expect(stream.holeDeadline(roundTrip: .zero) == now + .milliseconds(20))
        #expect(stream.holeDeadline(roundTrip: .milliseconds(50)) == now + .milliseconds(120))
        #expect(stream.holeDeadline(roundTrip: .seconds(1)) == now + .seconds(1))
        stream.onProgress(now: now + .milliseconds(7))
        #expect(stream.holeDeadline(roundTrip: .zero) == now + .milliseconds(27))
        #expect(stream.skipHole(segmentSize: 1460, now: now) == 10)
        #expect(stream.takeReady(from: &pool)?.bytes.count == 10)
        #expect(stream.takeReady(from: &pool)?.bytes.count == nil, "the caller has not taken the first yet")
        stream.dropHeld(from: &pool)
        #expect(stream.holeDeadline(roundTrip: .zero) == .never)
        #expect(pool.bytesInUse == 0)
    }

    @Test func `it holds no more than its limit, and then the hole is final at once`() {
        var pool = PayloadPool()
        var stream = ClientStream(next: SequenceNumber(0))
        for index in 0..<2 * ClientStream.heldLimit {
            stream.hold(Self.held(10 + 2 * index..<11 + 2 * index), now: .zero, in: &pool)
        }
        #expect(pool.bytesInUse == ClientStream.heldLimit * Self.held(0..<1).cost)
        #expect(stream.holeDeadline(roundTrip: .zero) == .zero)
    }

    @Test func `a repeated piece and a repeated FIN are held once`() {
        var pool = PayloadPool()
        var stream = ClientStream(next: SequenceNumber(0))
        for _ in 0..<5 {
            stream.hold(Self.held(10..<20), now: .zero, in: &pool)
            stream.hold(Self.held(10..<20, fin: true), now: .zero, in: &pool)
        }
        #expect(pool.bytesInUse == 2 * Self.held(10..<20).cost)
    }
}
