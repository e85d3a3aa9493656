import Foundation
import OperatorInterface
import Testing
import Wire

@testable import tcpcopy

/// What shards hand over, as it stands in the files.
struct RecordingWriterTests {
    private let folder: RecordingFolder
    private let room = RecordingRoom()
    private let tally = RecordingTally()
    private static let ethernet = RecordedInterface(name: "eth0", linkType: .ethernet, snapshotLength: 262_144)
    private static let tunnel = RecordedInterface(name: "tun0", linkType: .raw, snapshotLength: 1600)

    init() throws { folder = try RecordingFolder() }

    private func writer(
        isOrdered: Bool = false, largestFile: Int? = nil, longestFile: Duration? = nil, keptFiles: Int? = nil,
        failed: @escaping (Refusal) -> Void = { _ in }
    ) throws -> RecordingWriter {
        let settings = RecordingSettings(
            file: folder.path("web.pcapng"), largestFile: largestFile, longestFile: longestFile,
            keptFiles: keptFiles)
        return RecordingWriter(
            try RecordingFile(settings, of: [Self.ethernet, Self.tunnel]), isOrdered: isOrdered, room: room,
            tally: tally, failed: failed)
    }

    private func give(_ frames: [FrameInFile], interface: Int = 0, to writer: RecordingWriter) {
        let block = RecordedBlock(frames, interface: interface)
        #expect(room.reserve(block))
        writer.take(block)
    }

    private func frames(_ stamps: some Sequence<Int>, mark: UInt8 = 1) -> [FrameInFile] {
        stamps.map { FrameInFile(timestamp: Int64($0), mark: mark) }
    }

    @Test func `what several shards captured at the same time stands in the order of time, as it was captured`() throws
    {
        defer { folder.remove() }
        let writer = try writer()
        let odd = frames(stride(from: 1, to: 2000, by: 2), mark: 1)
        var even = frames(stride(from: 0, to: 2000, by: 2), mark: 2)
        even[7].wireLength = 9000
        for start in stride(from: 0, to: 1000, by: 100) {
            give(Array(odd[start..<start + 100]), to: writer)
            give(Array(even[start..<start + 100]), interface: 1, to: writer)
        }
        writer.finish()
        for index in even.indices { even[index].linkType = .raw }
        let expected = (odd + even).sorted { $0.timestamp < $1.timestamp }
        #expect(try folder.frames(of: "web.pcapng") == expected)
        #expect(tally.figures.frames == 2000 && tally.figures.dropped == 0 && room.lostFrames == 0)
        let size = try Data(contentsOf: URL(filePath: folder.path("web.pcapng"))).count
        #expect(tally.figures.bytes == size)
    }

    @Test func `frames of one instant stay in the order in which their shard captured them`() throws {
        defer { folder.remove() }
        let writer = try writer()
        let marks = (0..<200).map { FrameInFile(timestamp: 5, mark: UInt8($0)) }
        give(Array(marks[..<90]), to: writer)
        give(Array(marks[90...]), to: writer)
        writer.finish()
        #expect(try folder.frames(of: "web.pcapng") == marks)
    }

    @Test func `recent frames wait for those of other shards, older ones are on the disk after a moment`() throws {
        defer { folder.remove() }
        let writer = try writer()
        let now = Int64(Date().timeIntervalSince1970 * 1e9)
        give(
            [
                FrameInFile(timestamp: now - 60_000_000_000, mark: 1),
                FrameInFile(timestamp: now + 60_000_000_000, mark: 3),
            ],
            to: writer)
        give([FrameInFile(timestamp: now - 50_000_000_000, mark: 2)], to: writer)
        writer.tick()
        #expect(try folder.frames(of: "web.pcapng").map(\.mark) == [1, 2])
        writer.finish()
        #expect(try folder.frames(of: "web.pcapng").map(\.mark) == [1, 2, 3])
    }

    @Test func `no file is larger than asked for, each can be read alone, and together they hold all`() throws {
        defer { folder.remove() }
        let writer = try writer(isOrdered: true, largestFile: 10_000)
        let all = frames(0..<1000)
        for start in stride(from: 0, to: 1000, by: 50) { give(Array(all[start..<start + 50]), to: writer) }
        writer.finish()
        let files = try folder.files
        #expect(files.count == tally.figures.files && files.count > 9)
        #expect(try files.flatMap { try folder.frames(of: $0) } == all)
        for (index, file) in files.enumerated() {
            #expect(file.wholeMatch(of: /web_(\d{5})_\d{14}\.pcapng/)?.1 == "\(100_001 + index)".dropFirst())
            #expect(try Data(contentsOf: URL(filePath: folder.path(file))).count <= 10_000)
        }
    }

    @Test func `a frame larger than a file may be has a file of its own`() throws {
        defer { folder.remove() }
        let writer = try writer(isOrdered: true, largestFile: 1_000)
        let all = (0..<5).map { FrameInFile(timestamp: Int64($0), mark: 1, length: 5_000, wireLength: 5_000) }
        give(all, to: writer)
        writer.finish()
        #expect(try folder.files.map { try folder.frames(of: $0) } == all.map { [$0] })
    }

    @Test func `a file lasts as long as asked for, counted from its first frame`() throws {
        defer { folder.remove() }
        let writer = try writer(isOrdered: true, longestFile: .seconds(2))
        give(
            [0, 1_999_999_999, 2_000_000_000, 3_000_000_000, 9_000_000_000].map {
                FrameInFile(timestamp: $0, mark: 1)
            }, to: writer)
        writer.finish()
        #expect(try folder.files.map { try folder.frames(of: $0).count } == [2, 2, 1])
    }

    @Test func `of many files the latest are kept`() throws {
        defer { folder.remove() }
        let writer = try writer(isOrdered: true, largestFile: 1_000, keptFiles: 3)
        give(frames(0..<100), to: writer)
        writer.finish()
        #expect(tally.figures.files > 5 && tally.figures.frames == 100)
        let kept = try folder.files
        #expect(kept.count == 3)
        #expect(try folder.frames(of: kept[2]).last?.timestamp == 99)
    }

    @Test func `a recording without frames is a file that can be read`() throws {
        defer { folder.remove() }
        try writer().finish()
        #expect(try folder.frames(of: "web.pcapng").isEmpty)
    }

    @Test func `only the owner may read a recording, even in the place of a file that others could`() throws {
        defer { folder.remove() }
        let path = folder.path("web.pcapng")
        try Data(repeating: 7, count: 5_000).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let writer = try writer()
        give(frames(0..<3), to: writer)
        writer.finish()
        #expect(try folder.frames(of: "web.pcapng").count == 3)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `when no file can be written any more, that is told once, and each frame is counted`() throws {
        var failures: [Refusal] = []
        let writer = try writer(isOrdered: true, largestFile: 1_000) { failures.append($0) }
        folder.remove()
        for start in stride(from: 0, to: 300, by: 100) { give(frames(start..<start + 100), to: writer) }
        writer.finish()
        #expect(failures.count == 1 && failures == [tally.failure])
        #expect(failures.first?.status == .cannotCreate)
        #expect(failures.first?.line.hasSuffix(".pcapng: No such file or directory") == true)
        #expect(tally.figures.frames > 0 && tally.figures.dropped > 200)
        #expect(tally.figures.frames + tally.figures.dropped == 300 && room.lostFrames == 0)
    }

    @Test func `a file that can't be created is refused before anything is captured`() throws {
        folder.remove()
        #expect { try writer() } throws: { ($0 as? Refusal)?.status == .cannotCreate }
    }
}
