import Foundation
import Glibc
import Testing

extension Namespaces {
    @Suite struct Laboratory {
        private let name = Lab.defaultName + "-b"
        private var output: String { FileManager.default.temporaryDirectory.path + "/tcpcopy-\(name).out" }

        @Test(arguments: [SIGINT, SIGTERM])
        func `a lab is taken away when its command is interrupted`(signal: Int32) async throws {
            let run = try HostProcess(
                namespace: nil,
                [
                    Project.script("lab"), "run", "--name", name, "--with", "lvs", "--", "sh", "-c",
                    "echo started; exec \(Project.script("lab")) exec target sleep 1000",
                ], outputPath: output)
            try await run.prints("started")
            #expect(hosts(of: name).count == 9)
            #expect(try await run.stop(signal) == 128 + signal)
            #expect(hosts(of: name).isEmpty)
        }

        @Test func `run ends with its command's status and takes the lab away`() async throws {
            let run = try HostProcess(
                namespace: nil, [Project.script("lab"), "run", "--name", name, "--", "sh", "-c", "exit 7"],
                outputPath: output)
            #expect(try await run.exitStatus() == 7)
            #expect(hosts(of: name).isEmpty)
        }

        @Test func `two labs live side by side and neither reaches the other`() async throws {
            try await Lab.with { first in
                try await Lab.with(named: name) { second in
                    let server = try await StreamServer(on: "online", port: 80, in: first)
                    for (lab, status) in [(first, Int32(0)), (second, 1)] {
                        let attempt = try lab.start(
                            on: "client",
                            [
                                Project.script("lab-tools/stream-client"), "--to", try await lab.address(of: "online"),
                                "--port", "80", "--log", "/dev/null",
                            ], label: "attempt")
                        #expect(try await attempt.exitStatus() == status)
                    }
                    try await server.process.stop()
                }
                #expect(hosts(of: Lab.defaultName).count == 5)
            }
            #expect(hosts(of: Lab.defaultName).isEmpty && hosts(of: name).isEmpty)
        }

        private func hosts(of lab: String) -> [String] {
            let namespaces = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
            return namespaces.filter { $0.wholeMatch(of: /(.+)-[a-z0-9]+/)?.1 ?? "" == lab }
        }
    }
}
