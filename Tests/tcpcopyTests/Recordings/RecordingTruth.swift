import Wire

/// What is whole in a file and what is not, computed from its frames alone.
struct RecordingTruth: Equatable, CustomStringConvertible {
    var captured = 0
    var answered = 0
    var failed: [String: Int] = [:]

    /// How long after the file's start the first bytes of a connection may be the rest of an exchange.
    private static let guarded: Int64 = 500_000_000

    /// - Parameter boundaries: for each session where its exchanges begin, and where the last ends.
    init(_ frames: [RecordedFrame], boundaries: [[Int]]) {
        let start = frames.first?.time ?? 0
        for (session, own) in Dictionary(grouping: frames, by: \.session) {
            add(own, boundaries: boundaries[session], guardedUntil: start + Self.guarded)
        }
    }

    init() {}

    var description: String {
        "captured \(captured), answered \(answered), failed \(failed.sorted { $0.key < $1.key })"
    }

    private mutating func add(_ frames: [RecordedFrame], boundaries: [Int], guardedUntil: Int64) {
        guard let first = frames.firstIndex(where: { $0.isClient && ($0.length > 0 || $0.header.flags.contains(.syn)) })
        else { return }
        var begin = 0
        if !frames[first].header.flags.contains(.syn) {
            let offset = frames[first].offset
            guard let exchange = boundaries.lastIndex(where: { $0 <= offset }) else { return }
            let isProven = frames[..<first].contains {
                $0.offset == offset && ($0.isClient ? $0.isBare : $0.length > 0)
            }
            let isWholeWrite =
                frames[first].header.flags.contains(.psh) && frames[first].length % RecordedTalk.segment != 0
            begin = exchange
            if frames[first].time < guardedUntil, !isProven, !isWholeWrite {
                fail("joinedMidway")
                begin += 1
            }
        }
        let answered = frames.filter { !$0.isClient && $0.length > 0 }.map(\.offset).max() ?? 0
        let seen = frames.filter { $0.isClient && $0.length > 0 }.map { $0.offset + $0.length }.max() ?? 0
        for exchange in begin..<boundaries.count - 1 {
            let range = boundaries[exchange]..<boundaries[exchange + 1]
            guard range.lowerBound < seen || range.upperBound <= answered else { return }
            judge(range, frames, isAnswered: range.upperBound <= answered || range.upperBound < seen, end: seen)
        }
    }

    /// The first byte that is missing decides.
    private mutating func judge(_ range: Range<Int>, _ frames: [RecordedFrame], isAnswered: Bool, end: Int) {
        var position = range.lowerBound
        while position < range.upperBound {
            let covering = frames.filter { $0.isClient && $0.offset <= position && position < $0.offset + $0.length }
            guard let furthest = covering.map({ $0.offset + $0.capturedLength }).max() else {
                return fail(isAnswered || position < end ? "captureHole" : "cutAtEnd")
            }
            guard furthest > position else { return fail("captureTruncated") }
            position = furthest
        }
        captured += 1
        answered += 1
    }

    private mutating func fail(_ reason: String) {
        captured += 1
        failed[reason, default: 0] += 1
    }
}
