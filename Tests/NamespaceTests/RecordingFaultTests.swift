import Foundation
import Glibc
import Testing

extension Namespaces {
    /// Recordings that cannot go on, and what becomes of the replay beside them.
    @Suite struct RecordingFaults {
        @Test func `a disk that is full ends the recording with one line, and the replay goes on`() async throws {
            try await Lab.with { lab in
                let disk = "\(lab.folder)/disk"
                try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
                let servers = try await webServers(in: lab)
                // The file system is the process's own, and gone with it.
                let replay = try await Replay(
                    "80-\(try await lab.address(of: "target")):8080", in: lab,
                    launcher: ["sh", "-c", "mount -t tmpfs -o size=200k none \(disk) && exec \"$@\"", "sh"],
                    options: ["--record", "\(disk)/web.pcapng"])
                let load = WebLoad(url: try await lab.onlineURL(), rate: 1000, seconds: 3)
                try await load.run(in: lab)
                try await servers.target.receives(load.count)
                let file = "\(lab.folder)/web.pcapng"
                try FileManager.default.copyItem(
                    atPath: "/proc/\(replay.tcpcopy.identifier)/root\(disk)/web.pcapng", toPath: file)
                let ledger = try await replay.finish()
                ledger.expectAllAnswered(load.count)
                let recording = try #require(ledger.recording)
                #expect(recording.dropped > 0 && recording.frames > 0)
                let lines = replay.tcpcopy.output.split(separator: "\n").filter { $0.contains(" error: ") }
                #expect(lines.count == 1, "\(lines)")
                #expect(lines.first?.hasSuffix("web.pcapng: No space left on device; nothing more is recorded") == true)
                // It ends with a whole frame.
                #expect(try await frames(of: file, in: lab) == recording.frames)
            }
        }

        @Test func `a disk that takes nothing more costs frames of the recording, and none of the replay`() async throws
        {
            try await Lab.with { lab in
                let pipe = "\(lab.folder)/pipe"
                try await lab.run(on: "online", ["mkfifo", pipe])
                let reader = try lab.start(
                    on: "online", ["sh", "-c", "exec 3<>\(pipe) && echo open && exec sleep 600"], label: "reader")
                try await reader.prints("open")
                let streams = try await StreamReplay(in: lab, options: ["--record", pipe])
                let count = try await streams.talk(["--request", "40000000"])
                let ledger = try await streams.finishWhole(count)
                ledger.expectAllAnswered(1)
                let recording = try #require(ledger.recording)
                #expect(recording.dropped > 0)
                #expect(streams.replay.tcpcopy.output.contains("captured frames are missing in the recording"))
                try await reader.stop()
            }
        }

        @Test func `what was captured until it was killed is in the file`() async throws {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let recorder = try await Recorder("web.pcapng", in: lab)
                let load = WebLoad(url: try await lab.onlineURL(), rate: 500, seconds: 2)
                try await load.run(in: lab)
                let file = try #require(try recorder.files.first)
                try await settled("the file", for: .seconds(1)) {
                    try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
                }
                #expect(try await recorder.process.stop(SIGKILL) == 128 + SIGKILL)
                #expect(try await frames(of: file, in: lab) > load.count)
                let ledger = "\(lab.folder)/ledger.json"
                try await lab.run(on: "online", dryRun(file) + ["--ledger", ledger])
                try LedgerFile(path: ledger).expectAllAnswered(online.requestCount)
            }
        }

        @Test func `where recording is all there is to do, a full disk ends it with 74, and frames kept are whole`()
            async throws
        {
            try await Lab.with { lab in
                _ = try await WebServer(on: "online", port: 80, in: lab)
                let disk = "\(lab.folder)/disk"
                try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
                let commands =
                    "mount -t tmpfs -o size=100k none \(disk) && \"$@\"; status=$?; cp \(disk)/* \(lab.folder); exit $status"
                let recorder = try lab.start(
                    on: "online",
                    [
                        "sh", "-c", commands, "sh", Project.program("tcpcopy"), "--record", "\(disk)/web.pcapng", "-i",
                        "eth0", "-F", "tcp dst port 80",
                    ], label: "recorder")
                try await eventually("tcpcopy captures") { recorder.packetSockets > 0 }
                try await WebLoad(url: try await lab.onlineURL(), rate: 1000, seconds: 2).run(in: lab)
                #expect(try await recorder.exitStatus() == 74)
                let complaints = recorder.output.split(separator: "\n").filter { $0.hasPrefix("tcpcopy: ") }
                #expect(
                    complaints == ["tcpcopy: --record: cannot write \(disk)/web.pcapng: No space left on device"])
                #expect(try await frames(of: "\(lab.folder)/web.pcapng", in: lab) > 0)
            }
        }

        @Test func `a recording that is damaged is one line and 65, wherever that is, and never a crash`() async throws
        {
            try await Lab.with { lab in
                let online = try await WebServer(on: "online", port: 80, in: lab)
                let recorder = try await Recorder("web.pcapng", in: lab)
                try await WebLoad(url: try await lab.onlineURL(), rate: 20, seconds: 1, connections: 4).run(in: lab)
                try await recorder.stop()
                #expect(online.requestCount == 20)
                let whole = try Data(contentsOf: URL(filePath: try recorder.files[0]))
                var generator = SystemRandomNumberGenerator()
                var damaged: [(String, Data)] = [
                    ("a block of 4 GiB", whole + Data([6, 0, 0, 0] + [UInt8](repeating: 255, count: 12))),
                    ("a block of no length", whole + Data([6, 0, 0, 0] + [UInt8](repeating: 0, count: 12))),
                ]
                for _ in 0..<8 {
                    let length = Int.random(in: 0..<whole.count, using: &generator)
                    damaged.append(("\(length) bytes of it", whole.prefix(length)))
                    var mutated = whole
                    let positions = (0..<5).map { _ in Int.random(in: 0..<whole.count, using: &generator) }
                    for position in positions { mutated[position] = .random(in: 0...255, using: &generator) }
                    damaged.append(("other bytes at \(positions)", mutated))
                }
                for (index, (what, bytes)) in damaged.enumerated() {
                    let file = "\(lab.folder)/damaged-\(index)"
                    try bytes.write(to: URL(filePath: file))
                    let run = try lab.start(on: "online", dryRun(file), label: "damaged-\(index)")
                    let status = try await run.exitStatus()
                    #expect([0, 1, 65].contains(status), "\(what): \(run.output)")
                    let complaints = run.output.split(separator: "\n").filter { $0.hasPrefix("tcpcopy: ") }
                    #expect(complaints.count == (status == 65 ? 1 : 0), "\(what): \(run.output)")
                    if index < 2 { #expect(status == 65, "\(what)") }
                }
            }
        }

        private func webServers(in lab: Lab) async throws -> (online: WebServer, target: WebServer) {
            let online = try await WebServer(on: "online", port: 80, in: lab)
            let target = try await WebServer(on: "target", port: 8080, in: lab)
            try await lab.divert(port: 8080)
            return (online, target)
        }

        private func dryRun(_ file: String) -> [String] {
            [Project.program("tcpcopy"), "-x", "80-10.9.9.9:8080", "--dry-run", "-a", "max", "--offline", file]
        }

        /// How many frames tcpdump reads of a file; throws when it finds fault with it.
        private func frames(of file: String, in lab: Lab) async throws -> Int {
            let lines = try await lab.run(on: "online", ["sh", "-c", "tcpdump -n -r \(file) 2>/dev/null"])
            return lines.split(separator: "\n").count
        }
    }
}
