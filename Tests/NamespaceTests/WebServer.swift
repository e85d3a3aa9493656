import Foundation

/// A real nginx on a host, or another server that keeps its log as `web-server` does: a line for every request.
struct WebServer {
    let process: HostProcess
    let folder: String
    private let log: String

    /// - Parameter options: what follows port and folder; for `web-server`, directives of nginx.
    init(
        on host: String, port: Int, in lab: Lab, program: String = "web-server", options: [String] = []
    ) async throws {
        folder = "\(lab.folder)/web-\(host)-\(port)"
        process = try lab.start(
            on: host, [Project.script("lab-tools/\(program)"), "\(port)", folder] + options,
            label: "web-\(host)-\(port)")
        log = folder + "/access.log"
        try await process.listens(on: port)
    }

    /// Each request's line in the order of the log: `address:port uri status`.
    var lines: [Substring] {
        ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n")
    }

    var requestCount: Int {
        (try? Data(contentsOf: URL(filePath: log)).count { $0 == UInt8(ascii: "\n") }) ?? 0
    }

    /// Waits until the log holds `count` requests; throws, saying how many there are, when it never does.
    func receives(_ count: Int, within limit: Duration = .seconds(40)) async throws {
        do {
            try await eventually("", within: limit) { requestCount >= count }
        } catch {
            throw NeverHappened(description: "\(requestCount) of \(count) requests are in \(log)")
        }
    }
}
