import Foundation
import LinkLayer
import Wire

@testable import tcpcopy

/// A folder for recordings, and what stands in them.
struct RecordingFolder {
    private let folder = URL.temporaryDirectory.appending(path: "tcpcopy-recording-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// The names of the files, in their order.
    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// Each frame of a file: its stamp, its first byte, and how its link starts. Throws unless the file is whole.
    func frames(of name: String) throws -> [FrameInFile] {
        var reader = CaptureFileReader()
        reader.append(Array(try Data(contentsOf: URL(filePath: path(name)))))
        var frames: [FrameInFile] = []
        try reader.lend { record, bytes in
            frames.append(
                FrameInFile(
                    timestamp: record.timestamp, mark: bytes.byte(at: 0), length: bytes.byteCount,
                    wireLength: record.wireLength, linkType: record.linkType))
            return true
        }
        try reader.finish()
        return frames
    }
}

/// A frame told by its first byte.
struct FrameInFile: Equatable {
    var timestamp: Int64
    var mark: UInt8
    var length = 60
    var wireLength = 60
    var linkType: LinkType? = .ethernet
}

extension RecordedBlock {
    /// A block of these frames.
    init(_ frames: [FrameInFile], interface: Int = 0) {
        self.init()
        for frame in frames {
            let bytes = [UInt8](repeating: frame.mark, count: frame.length)
            add(
                CapturedFrame(bytes: bytes.rawSpan, wireLength: frame.wireLength, timestamp: frame.timestamp),
                interface: interface)
        }
    }
}
