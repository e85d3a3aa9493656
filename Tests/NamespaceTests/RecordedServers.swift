/// nginx, redis and memcached on one host.
struct RecordedServers {
    let web: WebServer
    private let lab: Lab
    private let host: String
    private let redis: String
    private let memcached: String
    private static let memcachedClient = Project.script("lab-tools/memcached-client")

    init(on host: String, web: Int, redis: Int, memcached: Int, in lab: Lab) async throws {
        self.web = try await WebServer(on: host, port: web, in: lab)
        let redisServer = try lab.start(
            on: host,
            [
                "redis-server", "--port", "\(redis)", "--save", "", "--protected-mode", "no", "--bind", "0.0.0.0",
                "--enable-debug-command", "local", "--dir", lab.folder,
            ], label: "redis-\(host)")
        let memcachedServer = try lab.start(
            on: host, ["memcached", "-u", "nobody", "-p", "\(memcached)", "-l", "0.0.0.0"], label: "memcached-\(host)")
        try await redisServer.listens(on: redis)
        try await memcachedServer.listens(on: memcached)
        (self.lab, self.host, self.redis, self.memcached) = (lab, host, "\(redis)", "\(memcached)")
    }

    /// Sends a web load from the client, and some commands to the others meanwhile. What these leave behind does not depend on the
    /// order in which connections are served.
    func load(_ load: WebLoad, in lab: Lab) async throws {
        let address = try await lab.address(of: host)
        async let loading: Void = load.run(in: lab)
        try await lab.run(
            on: "client",
            [
                "redis-benchmark", "-h", address, "-p", redis, "-r", "5000", "-q", "-c", "20", "-n", "2000", "-t",
                "set,incr,lpush,sadd",
            ])
        try await lab.run(on: "client", [Self.memcachedClient, "load", address, memcached, "4"])
        try await loading
    }

    /// What tells that redis and memcached hold the same as others.
    func contents() async throws -> (redis: String, memcached: String) {
        (
            try await lab.run(on: host, ["redis-cli", "-p", redis, "debug", "digest"]),
            try await lab.run(on: host, [Self.memcachedClient, "digest", "127.0.0.1", memcached, "4"])
        )
    }

    /// Takes all keys out of redis.
    func empty() async throws { try await lab.run(on: host, ["redis-cli", "-p", redis, "flushall"]) }
}
