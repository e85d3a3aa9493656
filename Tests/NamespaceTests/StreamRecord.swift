import Foundation
import Testing

/// One connection as `stream-server` or `stream-client` wrote it down.
struct StreamRecord: Decodable, Equatable {
    var id: Int?
    var bytes: Int
    var sha256: String
    /// The client's address and port: `peer` in a server's log, `local` in a client's.
    var peer: String?
    var local: String?
    /// How the stream ended, in a server's log.
    var end: String?
    /// Whether everything was sent and answered, in a client's log.
    var whole: Bool?
    var answered: Int?

    /// Reads the lines that are complete; a server that runs may be writing the next.
    static func read(_ path: String) throws -> [StreamRecord] {
        let decoder = JSONDecoder()
        let newline = UInt8(ascii: "\n")
        let log = try Data(contentsOf: URL(filePath: path))
        return try log[..<(log.lastIndex(of: newline) ?? log.startIndex)].split(separator: newline).map {
            try decoder.decode(StreamRecord.self, from: Data($0))
        }
    }
}

/// A stream server on a host, with its log.
struct StreamServer {
    let process: HostProcess
    let log: String

    init(on host: String, port: Int, in lab: Lab) async throws {
        log = "\(lab.folder)/streams-\(host).jsonl"
        process = try lab.start(
            on: host, [Project.script("lab-tools/stream-server"), "--port", "\(port)", "--log", log],
            label: "streams-\(host)")
        try await process.listens(on: port)
    }

    var records: [StreamRecord] {
        get throws { try StreamRecord.read(log) }
    }

    /// Waits until `count` streams have ended whole.
    func ends(_ count: Int, within limit: Duration = .seconds(120)) async throws {
        var ended = 0
        try await eventually("\(count) streams have ended whole in \(log), where \(ended) have", within: limit) {
            ended = try records.count { $0.end == "whole" }
            return ended >= count
        }
    }
}

/// Expects that each stream that ended whole online stands at the target byte for byte, from the same address and
/// port, and that none stands there twice.
func expectSameStreams(_ online: [StreamRecord], _ target: [StreamRecord]) {
    let atTarget = Dictionary(grouping: target, by: \.peer)
    let wrong = online.filter { $0.end == "whole" }.filter { stream in
        !(atTarget[stream.peer] ?? []).contains { $0 == stream }
    }
    #expect(wrong.isEmpty, "\(wrong.count) of \(online.count) are missing or differ, such as \(wrong.prefix(3))")
    let identities = target.compactMap(\.id)
    #expect(Set(identities).count == identities.count, "some streams stand at the target twice")
    let strangers = Set(identities).subtracting(online.compactMap(\.id))
    #expect(strangers.isEmpty, "streams at the target that nobody sent: \(strangers.prefix(3))")
}
