/// A paced HTTP load by wrk, which sends a given number of requests and leaves nothing under way.
struct WebLoad {
    var url: String
    var rate: Int
    var seconds: Int
    var connections = 64
    /// One request a connection.
    var short = false
    /// The first part of every request's path.
    var tag = "paced"

    var count: Int { rate * seconds }

    /// Ends once all is answered. wrk calls a connection timed out that has been silent for two seconds, as one is that waits for its turn here.
    var command: [String] {
        [
            "wrk", "-t1", "-c\(connections)", "-d\(seconds + 30)s", "--timeout", "100s", "-s",
            Project.script("lab-tools/paced.lua"),
        ]
            + (short ? ["-H", "Connection: close"] : []) + [url, "--", "\(rate)", "\(count)", tag, "leave"]
    }

    /// Runs the load from a host to its end; throws unless wrk says that every request was answered.
    func run(from host: String = "client", in lab: Lab) async throws {
        let output = try await lab.run(on: host, command, within: .seconds(Int64(seconds) + 60))
        guard output.contains("\(count) requests in"), !output.contains("Socket errors") else {
            throw NeverHappened(description: "wrk did not get \(count) answers:\n\(output)")
        }
    }
}
