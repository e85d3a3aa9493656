import Foundation
import NIOCore
import NIOPosix
import Testing
import Wire

@testable import tcpcopy

/// A recording under way, between its threads.
struct RecordingTests {
    private let folder: RecordingFolder
    private let interface = RecordedInterface(name: "eth0", linkType: .ethernet, snapshotLength: 262_144)

    init() throws { folder = try RecordingFolder() }

    private func blocks(_ count: Int) -> [RecordedBlock] {
        (0..<count).map { number in
            RecordedBlock(
                (0..<200).map {
                    FrameInFile(timestamp: Int64(number * 200 + $0), mark: 1, length: 1400, wireLength: 1400)
                })
        }
    }

    @Test func `what is handed over until the end is in the file`() async throws {
        defer { folder.remove() }
        let recording = try await tcpcopy.Recording.open(
            RecordingSettings(file: folder.path("a")), of: [interface], isOrdered: true
        ) { _ in }
        for block in blocks(20) { recording.take(block) }
        await recording.finish(timedBy: MultiThreadedEventLoopGroup.singleton.next())
        #expect(recording.figures.frames == 4000 && recording.figures.dropped == 0 && recording.failure == nil)
        #expect(try folder.frames(of: "a").map(\.timestamp) == Array(0..<4000))
        recording.take(blocks(1)[0])
        #expect(recording.figures.dropped == 200)
    }

    @Test func `a disk that takes nothing costs a bounded memory, is not waited for, and its frames are counted`()
        async throws
    {
        defer { folder.remove() }
        let path = folder.path("pipe")
        // The pipe is closed under the writer's hands at the end.
        signal(SIGPIPE, SIG_IGN)
        try #require(unsafe mkfifo(path, 0o600) == 0)
        let idleReader = try #require(FileHandle(forUpdatingAtPath: path))
        defer { try? idleReader.close() }
        let recording = try await tcpcopy.Recording.open(
            RecordingSettings(file: path), of: [interface], isOrdered: true
        ) { _ in }
        let sample = blocks(1)[0]
        let fitting = RecordingRoom.size / sample.byteCount
        for _ in 0..<4 * fitting { recording.take(sample) }
        let before = recording.figures
        // What the writer has in its hands has left the room.
        #expect(before.dropped >= 200 * 2 * fitting && before.frames == 0)
        await recording.finish(within: .milliseconds(50), timedBy: MultiThreadedEventLoopGroup.singleton.next())
        #expect(recording.figures.frames + recording.figures.dropped == 4 * fitting * 200)
    }

    @Test func `the name of a file of several has its number and its beginning before its ending`() {
        let moment = Date(timeIntervalSince1970: 1_795_521_370)
        #expect(RecordingFile.path("/var/web.pcapng", number: 7, at: moment) == "/var/web_00007_20261124115610.pcapng")
        #expect(RecordingFile.path("web", number: 123_456, at: moment) == "web_123456_20261124115610")
        #expect(
            RecordingFile.path("../a.b/web.x.pcapng", number: 1, at: moment)
                == "../a.b/web.x_00001_20261124115610.pcapng")
    }
}
