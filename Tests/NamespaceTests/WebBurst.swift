import Glibc

/// An HTTP load by wrk that takes as long as the machine needs: it ends when the online server has logged every request.
///
/// Without a rate each connection asks again as soon as it is answered. Nothing is under way at the end.
struct WebBurst {
    var url: String
    var count: Int
    /// Requests a second; the default is more than any machine answers.
    var rate = 1_000_000_000
    var connections = 20
    /// One request a connection.
    var short = false
    /// Bytes of a header field that only makes each request longer.
    var filling = 0
    var tag = "burst"

    func run(until online: WebServer, hasGrownBy count: Int? = nil, in lab: Lab) async throws {
        let goal = online.requestCount + (count ?? self.count)
        let wrk = try lab.start(
            on: "client",
            ["wrk", "-t1", "-c\(connections)", "-d600s", "-s", Project.script("lab-tools/paced.lua")]
                + (short ? ["-H", "Connection: close"] : [])
                + (filling > 0 ? ["-H", "X-Filling: " + String(repeating: "x", count: filling)] : [])
                + [url, "--", "\(rate)", "\(self.count)", tag], label: "wrk-\(tag)")
        try await online.receives(goal, within: .seconds(60))
        try await settled("the online server's log") { online.requestCount }
        try await wrk.stop(SIGINT)
        guard !wrk.output.contains("Socket errors") else {
            throw NeverHappened(description: "wrk was not answered every time:\n\(wrk.output)")
        }
    }
}
