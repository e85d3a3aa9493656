import Foundation

/// A UDP server on a host that echoes, and keeps a line for each datagram.
struct DatagramServer {
    let process: HostProcess
    private let log: String

    /// - Parameter options: of `datagram-server`.
    init(on host: String, port: Int, in lab: Lab, options: [String] = []) async throws {
        log = "\(lab.folder)/datagrams-\(host)-\(port)"
        process = try lab.start(
            on: host, [Project.script("lab-tools/datagram-server"), "\(port)", log] + options,
            label: "datagrams-\(host)-\(port)")
        try await process.takesDatagrams(on: port)
    }

    /// `client:port length sha256` for each datagram.
    var lines: [Substring] { ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n") }

    /// Waits until so many have come; throws, saying how many there are, when they never do.
    func receives(_ count: Int, within limit: Duration = .seconds(30)) async throws {
        do {
            try await eventually("", within: limit) { lines.count >= count }
        } catch {
            throw NeverHappened(description: "\(lines.count) of \(count) datagrams are in \(log)")
        }
    }
}

/// dnsmasq on port 53 of a host, which knows all names below `test` itself, and logs each query.
struct NameServer {
    let process: HostProcess
    private let log: String

    init(on host: String, in lab: Lab) async throws {
        log = "\(lab.folder)/names-\(host)"
        process = try lab.start(
            on: host, [Project.script("lab-tools/name-server"), log],
            label: "names-\(host)")
        try await process.takesDatagrams(on: 53)
        try await process.listens(on: 53)
    }

    /// `query[A] name from client` for each query.
    var queries: [Substring] {
        ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n").compactMap { line in
            line.firstRange(of: "query[").map { line[$0.lowerBound...] }
        }
    }

    func receives(_ count: Int) async throws {
        do {
            try await eventually("") { queries.count >= count }
        } catch {
            throw NeverHappened(description: "\(queries.count) of \(count) queries are in \(log)")
        }
    }

    /// Asks the server on online for so many names, one after another, each from a new port.
    static func ask(
        _ count: Int, of server: String, type: String = "A", tag: String, options: [String] = [], in lab: Lab
    ) async throws {
        let names = "\(lab.folder)/names-\(tag)"
        let lines = (0..<count).map { "\(tag)\($0).test \(type)\n" }
        try lines.joined().write(toFile: names, atomically: true, encoding: .utf8)
        let answers = try await lab.run(
            on: "client", ["dig", "@\(server)", "+tries=1", "+noall", "+answer"] + options + ["-f", names],
            within: .seconds(120))
        let found = answers.split(separator: "\n").count { $0.contains("192.0.2.1") }
        guard found == count else {
            throw NeverHappened(description: "\(found) of \(count) names were found:\n\(answers.prefix(2000))")
        }
    }
}
