import Foundation
import Glibc

/// `tcpcopy --record` on the online host, with nothing to replay.
struct Recorder {
    let process: HostProcess
    private let folder: String
    private let stem: Substring

    /// Starts it and waits until it captures.
    init(
        _ name: String, _ options: [String] = [],
        filter: String = "tcp dst port 80 or tcp dst port 6379 or tcp dst port 11211", in lab: Lab
    ) async throws {
        folder = lab.folder
        stem = name.prefix { $0 != "." }
        let process = try lab.start(
            on: "online",
            [Project.program("tcpcopy"), "--record", "\(lab.folder)/\(name)", "-i", "eth0", "-F", filter] + options,
            label: "recorder-\(name)")
        self.process = process
        // Its first file is there once it captures.
        try await eventually("'\(process.command)' records; it printed:\n\(process.output)") {
            guard process.isRunning else { throw NeverHappened(description: "it ended:\n\(process.output)") }
            return try !files.isEmpty
        }
    }

    /// Its files, in their order.
    var files: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasPrefix("\(stem).pcapng") || $0.hasPrefix("\(stem)_") }.sorted().map {
                    "\(folder)/\($0)"
                }
        }
    }

    /// Ends it by SIGINT; throws unless it says that every frame was recorded.
    func stop() async throws {
        let status = try await process.stop(SIGINT)
        guard status == 0, process.output.contains("Every captured frame was recorded.") else {
            throw NeverHappened(description: "'\(process.command)' ended with \(status):\n\(process.output)")
        }
    }
}
