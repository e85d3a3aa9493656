import Foundation
import Glibc
import Testing

extension Namespaces {
    /// What tcpcopy recorded with `--record` is replayed from its files.
    @Suite struct Recordings {
        @Test func `streams that several shards recorded beside their replay are byte-exact again, at any speed`()
            async throws
        {
            try await Lab.with { lab in
                let file = "\(lab.folder)/recorded.pcapng"
                let streams = try await StreamReplay(in: lab, options: ["--record", file, "--shards", "3"])
                let count = try await streams.talk(
                    ["--connections", "60", "--concurrency", "20", "--seed", "7", "--largest", "100000"])
                let live = try await streams.finishWhole(count)
                #expect(live.recording?.dropped == 0 && live.recording?.files == 1)
                #expect(live.shards.allSatisfy { $0.exchanges > 0 })

                let offline = try await FileReplay([file], in: lab)
                for (options, rounds) in [
                    (["-a", "1"], 1), (["-a", "10"], 1), (["-a", "max"], 1), (["-T", "3"], 3),
                ] {
                    let before = try streams.target.records.count
                    let whole = try streams.target.records.count { $0.end == "whole" }
                    try await offline.play("80", to: "8080", at: options)
                        .expectAllAnswered(live.exchanges.captured * rounds)
                    try await streams.target.ends(whole + count * rounds)
                    let played = Dictionary(grouping: try streams.target.records.dropFirst(before), by: \.id)
                    for stream in try streams.online.records where stream.end == "whole" {
                        let exact = (played[stream.id] ?? []).count { $0.sha256 == stream.sha256 && $0.end == "whole" }
                        #expect(exact == rounds, "stream \(stream.id ?? -1) after \(options)")
                    }
                }
                try await offline.stop()
            }
        }

        @Test func `nginx, redis and memcached are recorded without a target, and hold the same at one from the files`()
            async throws
        {
            try await Lab.with { lab in
                let online = try await RecordedServers(on: "online", web: 80, redis: 6379, memcached: 11211, in: lab)
                let whole = try await Recorder("whole.pcapng", in: lab)
                let parts = try await Recorder("parts.pcapng", ["--record-size", "1"], in: lab)
                let web = WebLoad(url: try await lab.onlineURL(), rate: 500, seconds: 20)
                try await online.load(web, in: lab)
                for recorder in [whole, parts] { try await recorder.stop() }
                #expect(try whole.files.count == 1)
                #expect(try parts.files.count > 2)

                let target = try await RecordedServers(on: "target", web: 8080, redis: 6380, memcached: 11212, in: lab)
                for port in [8080, 6380, 11212] { try await lab.divert(port: port) }
                let offline = try await FileReplay(try parts.files, in: lab)
                let first = try await offline.play("80", "6379", "11211", to: "8080", "6380", "11212", at: ["-a", "1"])
                first.expectWhole()
                try await target.web.receives(web.count)
                expectSame(online.web.lines, target.web.lines)
                try await expectSameContents(online, target)
                var rounds = 1
                for (options, more) in [(["-a", "10"], 1), (["-a", "max"], 1), (["-T", "3", "-a", "5"], 3)] {
                    try await target.empty()
                    try await offline.play("80", "6379", "11211", to: "8080", "6380", "11212", at: options)
                        .expectAllAnswered(first.exchanges.captured * more)
                    rounds += more
                    try await target.web.receives(web.count * rounds)
                    #expect(target.web.requestCount == web.count * rounds, "after \(options)")
                    if more == 1 { try await expectSameContents(online, target) }
                }
                try await offline.stop()

                // One file, many, or another kind of it: the same account.
                let file = try whole.files[0]
                let pcap = "\(lab.folder)/whole.pcap"
                try await lab.run(
                    on: "online", ["tcpdump", "-r", file, "--time-stamp-precision=nano", "-Z", "root", "-w", pcap])
                try await lab.run(on: "online", ["gzip", "-k", file, pcap])
                for files in [[file], try parts.files.reversed(), [pcap], ["\(file).gz"], ["\(pcap).gz"], ["-"]] {
                    let ledger = try await dryRun(files, from: file, in: lab)
                    #expect(ledger.exchanges == first.exchanges && ledger.sessions == first.sessions, "\(files)")
                }
            }
        }

        /// What is in files, by the built-in target.
        private func dryRun(_ files: [String], from standardInput: String, in lab: Lab) async throws -> LedgerFile {
            let path = "\(lab.folder)/dry-run.json"
            let command = [
                Project.program("tcpcopy"), "-x", "80-10.9.9.9:80,6379-10.9.9.9:6379,11211-10.9.9.9:11211",
                "--dry-run", "-a", "max", "--offline", files.joined(separator: ","), "--ledger", path,
            ]
            try await lab.run(on: "online", ["sh", "-c", "exec \"$@\" <\(standardInput)", "sh"] + command)
            return try LedgerFile(path: path)
        }

        private func expectSameContents(_ online: RecordedServers, _ target: RecordedServers) async throws {
            let (expected, contents) = (try await online.contents(), try await target.contents())
            #expect(expected.redis.contains { $0.isNumber && $0 != "0" })
            #expect((expected.memcached.split(separator: " ").first.flatMap { Int($0) } ?? 0) > 100)
            #expect(contents.redis == expected.redis)
            #expect(contents.memcached == expected.memcached)
        }
    }
}
