import Foundation
import Testing
import Wire

@testable import tcpcopy

/// Damaged recordings are played by the built program; the ledger must be what is computed from the file, to the exchange.
struct RecordingTruthTests {
    private let player: DryRun

    init() throws { player = try DryRun() }

    /// What the ledger says of the exchanges in a file.
    private func play(_ frames: [RecordedFrame]) throws -> RecordingTruth {
        let ledger = try player.ledger(of: frames.pcapng)
        var truth = RecordingTruth()
        truth.captured = ledger.exchanges.captured
        truth.answered = ledger.exchanges.answered
        truth.failed = ledger.exchanges.failed
        #expect(ledger.balances)
        return truth
    }

    private func expectTruth(
        _ frames: [RecordedFrame], worth: [RecordedFrame]? = nil, of talk: RecordedTalk, reasons: Set<String>,
        _ context: Comment
    ) throws {
        let truth = RecordingTruth(worth ?? frames, boundaries: talk.boundaries)
        let told = try play(frames)
        #expect(told == truth, context)
        #expect(reasons == Set(truth.failed.keys), context)
    }

    private func talk(_ generator: inout SplitMix) -> RecordedTalk {
        RecordedTalk(sessions: 60, exchanges: 12, using: &generator)
    }

    @Test(arguments: [UInt64(1), 2])
    func `a file without damage is answered whole, in both directions and in one`(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let talk = talk(&generator)
        try expectTruth(talk.frames, of: talk, reasons: [], "seed \(seed)")
        try expectTruth(talk.frames.filter(\.isClient), of: talk, reasons: [], "seed \(seed), clients only")
    }

    @Test(arguments: [UInt64(4), 5, 6])
    func `a file that starts and ends in mid-session names what lies across its ends`(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let talk = talk(&generator)
        let cut = talk.frames.cut(from: 700_000_000, to: 2_000_000_000)
        try expectTruth(cut, of: talk, reasons: ["joinedMidway", "cutAtEnd"], "seed \(seed)")
        let clients = cut.filter(\.isClient)
        try expectTruth(clients, of: talk, reasons: ["joinedMidway", "cutAtEnd"], "seed \(seed), clients only")
    }

    @Test(arguments: [UInt64(8), 9])
    func `every exchange that capture lost bytes of is named, and no other`(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let talk = talk(&generator)
        let frames = talk.frames.losing(0.1, using: &generator)
        try expectTruth(frames, of: talk, reasons: ["captureHole"], "seed \(seed)")
    }

    @Test(arguments: [UInt64(12), 13])
    func `duplicates, late frames and tags change nothing, in both directions and in one`(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let talk = talk(&generator)
        let frames = talk.frames.duplicating(0.2, using: &generator).reordering(0.2, using: &generator)
            .tagging(0.5, using: &generator)
        try expectTruth(frames, of: talk, reasons: [], "seed \(seed)")
        try expectTruth(frames.filter(\.isClient), of: talk, reasons: [], "seed \(seed), clients only")
    }

    @Test(arguments: [UInt64(15), 16])
    func `exchanges that the snapshot length cut are named`(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let talk = talk(&generator)
        let frames = talk.frames.truncating(0.1, using: &generator)
        try expectTruth(frames, of: talk, reasons: ["captureTruncated"], "seed \(seed)")
        try expectTruth(
            frames.filter(\.isClient), of: talk, reasons: ["captureTruncated"], "seed \(seed), clients only")
    }

    @Test(arguments: [UInt64(18), 19])
    func `fragments are as good as what they were cut from; without one of them there is a hole`(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let talk = talk(&generator)
        let (file, worth) = talk.frames.fragmenting(0.4, losing: 0.1, using: &generator)
        try expectTruth(file, worth: worth, of: talk, reasons: ["captureHole"], "seed \(seed)")
    }

    @Test(arguments: [UInt64(21), 22, 23])
    func `all of it together is told apart`(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let talk = talk(&generator)
        let (file, worth) = talk.frames.cut(from: 700_000_000, to: 2_000_000_000)
            .truncating(0.05, using: &generator).fragmenting(0.2, losing: 0.1, using: &generator)
        // Of both the same frames are lost, doubled and moved.
        var other = generator
        func damage(_ frames: [RecordedFrame], _ generator: inout SplitMix) -> [RecordedFrame] {
            frames.duplicating(0.1, using: &generator).reordering(0.1, using: &generator)
                .tagging(0.5, using: &generator)
        }
        _ = damage(worth, &other)
        try expectTruth(
            damage(file, &generator), worth: worth, of: talk,
            reasons: ["joinedMidway", "cutAtEnd", "captureHole", "captureTruncated"], "seed \(seed)")
    }
}
