import FoundationEssentials
import LinkLayer
import OperatorInterface
import Wire

/// The pcapng file that is being written, and those before it.
struct RecordingFile: ~Copyable {
    private let settings: RecordingSettings
    private let interfaces: [RecordedInterface]
    private var output: CaptureOutput?
    private var path: String
    private var kept: [String] = []
    /// When the first frame of the present file was captured.
    private var beganAt: Int64?
    /// Bytes in the present file.
    private var bytes = 0
    /// Bytes written to all files.
    private(set) var bytesOfAll = 0
    /// The number of the present file, from 1.
    private(set) var number = 0

    /// Creates the first file.
    init(_ settings: RecordingSettings, of interfaces: [RecordedInterface]) throws(Refusal) {
        self.settings = settings
        self.interfaces = interfaces
        path = settings.file
        try begin()
    }

    /// Whether the next file is to be begun before a frame.
    ///
    /// - Parameter count: bytes that go into this file with the frame, and are not written yet.
    func isFull(at timestamp: Int64, adding count: Int) -> Bool {
        guard let beganAt else { return false }
        if let limit = settings.largestFile, bytes + count > limit { return true }
        guard let limit = settings.longestFile else { return false }
        return timestamp &- beganAt >= limit.components.seconds * 1_000_000_000
    }

    /// A frame goes into this file.
    mutating func noteFrame(at timestamp: Int64) { beganAt = beganAt ?? timestamp }

    mutating func write(_ bytes: [UInt8]) throws(Refusal) {
        do throws(SystemRefusal) {
            try output?.write(bytes)
        } catch {
            throw Refusal("--record: \(error)", .writeError)
        }
        self.bytes += bytes.count
        bytesOfAll += bytes.count
    }

    mutating func beginNext() throws(Refusal) {
        output = nil
        try begin()
    }

    private mutating func begin() throws(Refusal) {
        number += 1
        (bytes, beganAt) = (0, nil)
        if settings.rotates { path = Self.path(settings.file, number: number, at: .now) }
        do throws(SystemRefusal) {
            output = try CaptureOutput(path)
        } catch {
            throw Refusal("--record: \(error)", .cannotCreate)
        }
        kept.append(path)
        if let limit = settings.keptFiles, kept.count > limit {
            // One that somebody has taken away is gone as well.
            try? FileManager.default.removeItem(atPath: kept.removeFirst())
        }
        try write(header)
    }

    /// What every file begins with, so that each can be read without the others.
    private var header: [UInt8] {
        var blocks = PcapngBlocks()
        blocks.addSectionHeader()
        for interface in interfaces {
            blocks.addInterface(
                interface.name, linkType: interface.linkType, snapshotLength: interface.snapshotLength)
        }
        return Array(blocks.bytes)
    }

    /// `web.pcapng` → `web_00001_20261124135610.pcapng` (UTC), as dumpcap names its files.
    static func path(_ file: String, number: Int, at date: Date) -> String {
        let url = URL(filePath: file)
        let ending = url.pathExtension.isEmpty ? "" : ".\(url.pathExtension)"
        let digits = String(number)
        let counter = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        let moment = date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: false))
            .filter(\.isNumber)
        return "\(file.dropLast(ending.count))_\(counter)_\(moment)\(ending)"
    }
}
