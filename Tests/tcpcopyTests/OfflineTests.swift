import Foundation
import Testing

@testable import tcpcopy

/// The built program.
private let tcpcopy = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appending(path: "tcpcopy").path

/// A run of `tcpcopy --dry-run` on a terminal.
private final class Terminal {
    private let process = Process()
    private let keyboard = Pipe()
    private let screen = Pipe()
    private var shown: [UInt8] = []

    init(of options: String) throws {
        // Foundation's threads block signals, and what they start inherits that.
        process.executableURL = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../scripts/lab-tools/with-signals")
        process.arguments = [
            "timeout", "--foreground", "-s", "KILL", "100", "/usr/bin/script", "-qec",
            // A shell that stayed would get the terminal's signals too, and end by them.
            "exec \(tcpcopy) -x 80-10.9.9.9:8080 --dry-run \(options)", "/dev/null",
        ]
        process.standardInput = keyboard
        process.standardOutput = screen
        try process.run()
    }

    /// Reads until what the screen has shown so far is what is waited for, or until the program has ended.
    @discardableResult
    func readUntil(_ isReached: (String) -> Bool) -> String {
        while true {
            let text = String(decoding: shown, as: UTF8.self)
            let more = isReached(text) ? Data() : screen.fileHandleForReading.availableData
            if more.isEmpty { return text }
            shown += more
        }
    }

    func pressControlC() throws { try keyboard.fileHandleForWriting.write(contentsOf: [3]) }

    /// The program's exit status, once it has ended.
    func status() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// Files are played by the built program against its built-in target.
final class OfflineTests {
    private let folder: URL

    init() throws {
        folder = URL.temporaryDirectory.appending(path: "tcpcopy-offline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func write(_ bytes: [UInt8], _ name: String) throws -> String {
        let path = folder.appending(path: name).path
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    /// What a run of `tcpcopy --dry-run` says of its exchanges and sessions, how it ends, and what it complains about.
    private func play(_ options: String, from shell: String = "") throws -> (
        figures: [String], status: Int32, error: String, log: [String]
    ) {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "\(shell) \(tcpcopy) -x 80-10.9.9.9:8080 --dry-run \(options)"]
        let complaint = Pipe()
        process.standardError = complaint
        try process.run()
        let text = String(decoding: complaint.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let lines = text.split(separator: "\n").map(String.init)
        let figures = lines.filter { $0.hasPrefix("captured") || $0.contains("carried through") }
            .flatMap { $0.split(separator: " ").filter { $0.allSatisfy { $0.isNumber || $0 == "," } }.map(String.init) }
        return (figures, process.terminationStatus, lines.last ?? "", lines)
    }

    private var recording: Recording {
        var recording = Recording()
        for client in 0..<20 {
            recording.addClient(port: UInt16(40_000 + client), exchanges: 10, beginsAt: Int64(client) * 700_000)
        }
        recording.addClient(port: 50_000, exchanges: 3, beginsAt: 5_000_000, isClosed: false)
        return recording
    }

    @Test func `pcap, pcapng, gzip and standard input give the same ledger`() throws {
        let (pcap, ng) = (try write(recording.pcap, "a.pcap"), try write(recording.pcapng, "a.pcapng"))
        let truth = ["203", "21", "203", "21"]
        for (options, shell) in [
            ("--offline \(pcap)", ""), ("--offline \(ng)", ""), ("--offline \(ng) -a max", ""),
            ("--offline - -a 10", "gzip -c \(pcap) |"), ("--offline - -a max", "cat \(ng) |"),
            ("--offline \(pcap).gz -a max", "gzip -k \(pcap);"),
        ] {
            let run = try play(options, from: shell)
            #expect(run.figures == truth, "\(shell) \(options): \(run.error)")
            #expect(run.status == 0)
        }
    }

    /// A client whose segment was lost before it was captured, and came again 300 ms later, in a recording that goes on.
    @Test(arguments: ["-a 0.2", "-a max", "-a 50"])
    func `a segment that a client sent again in time is no hole, slower or faster than recorded`(speed: String) throws {
        var recording = Recording()
        recording.addUpload(port: 40_000, resentAfter: 400_000_000)
        let run = try play("--offline \(try write(recording.pcapng, "late")) \(speed)")
        #expect(run.figures == ["1", "1", "1", "1"], "\(run.error)")
        #expect(run.status == 0)
    }

    @Test func `a hole costs its exchange, and no time where the recording tells that nothing fills it`() throws {
        var recording = Recording()
        recording.addClient(port: 40_000, exchanges: 3, beginsAt: 0)
        recording.removeFrame(6)
        recording.addClient(port: 40_001, exchanges: 1, beginsAt: 3_600_000_000_000)
        let begin = ContinuousClock.now
        let run = try play("--offline \(try write(recording.pcapng, "hole")) -a 100000")
        #expect(run.figures.prefix(3) == ["4", "2", "3"], "\(run.figures) \(run.error)")
        #expect(ContinuousClock.now - begin < .seconds(30))
    }

    @Test func `every round plays all connections as new ones`() throws {
        let run = try play("--offline \(try write(recording.pcapng, "a")) -T 3 -a max")
        #expect(run.figures == ["609", "63", "609", "63"])
        #expect(run.status == 0)
    }

    @Test func `rounds without end are played until somebody stops them, with a ledger`() throws {
        let path = try write(recording.pcapng, "endless")
        let rounds = try Terminal(of: "--offline \(path) -T 0 -a max")
        rounds.readUntil { text in
            text.matches(of: /exchanges ([\d,]+)/).contains { (Int($0.1.filter(\.isNumber)) ?? 0) > 999 }
        }
        try rounds.pressControlC()
        let text = rounds.readUntil { _ in false }
        #expect(text.contains(/captured +[\d,]{4,}/), "\(text)")
        // What the stop found under way is not answered.
        #expect([0, 1].contains(rounds.status()), "\(text)")
    }

    @Test(arguments: [
        // The checksum, eight bytes before the end.
        ("gzip -c FILE > gz; printf x | dd of=gz bs=1 seek=$(($(wc -c < gz) - 7)) conv=notrunc status=none", 65),
        // The length, at the very end.
        ("gzip -c FILE > gz; printf x | dd of=gz bs=1 seek=$(($(wc -c < gz) - 1)) conv=notrunc status=none", 65),
        ("(gzip -c FILE; echo 'and more') > gz", 65), ("(gzip -c FILE; printf '\\037\\213 no member') > gz", 65),
        ("(gzip -c FILE; printf '\\000'; gzip -c FILE) > gz", 65), ("(gzip -c FILE; printf '\\000x') > gz", 65),
        ("(gzip -c FILE; head -c 1000 /dev/zero) > gz", 0),
        ("(head -c 999 FILE | gzip; tail -c +1000 FILE | gzip) > gz", 0),
    ])
    func `compressed data is played up to its damage, and what follows it is not passed over`(
        making command: String, status: Int32
    ) throws {
        let path = try write(recording.pcap, "plain")
        let run = try play(
            "--offline gz -a max", from: "cd \(folder.path);" + command.replacing("FILE", with: path) + ";")
        #expect(run.figures == ["203", "21", "203", "21"] && run.status == status, "\(run)")
        #expect(status == 0 || run.error.contains(/gz: the data is damaged before byte \d/), "\(run)")
    }

    @Test func `a pipe is played once, whoever comes first, and in rounds not at all`() throws {
        let path = try write(recording.pcap, "plain")
        let fifo = "\(folder.path)/fifo"
        let once = try play(
            "--offline \(fifo) -a max", from: "mkfifo \(fifo); (sleep 1; timeout 20 sh -c 'cat \(path) > \(fifo)') &")
        #expect(once.figures == ["203", "21", "203", "21"] && once.status == 0, "\(once)")
        let run = try play("--offline \(fifo) -T 2")
        #expect(
            run.status == 64 && run.error.hasSuffix("fifo can be read only once; a file on a disk is expected"),
            "\(run)")
    }

    /// Bytes changed, cut out or doubled, plain and compressed: no trap, and one of the manual's statuses.
    @Test(arguments: 0..<60)
    func `whatever the bytes are, a file is played or refused`(seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        var recording = Recording()
        recording.addClient(port: 40_000, exchanges: 5, beginsAt: 0)
        var bytes = seed % 2 == 0 ? recording.pcap : recording.pcapng
        if seed % 3 == 0 {
            let path = try write(bytes, "plain")
            _ = try play("--offline \(path)", from: "gzip -kf \(path); exit;")
            bytes = Array(try Data(contentsOf: URL(filePath: path + ".gz")))
        }
        for _ in 0..<(1 + seed % 5) {
            let position = Int.random(in: 0..<bytes.count, using: &generator)
            let end = min(bytes.count, position + Int.random(in: 1...40, using: &generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[position] = .random(in: .min ... .max, using: &generator)
            case 2: bytes.removeSubrange(position..<end)
            default: bytes.insert(contentsOf: bytes[position..<end], at: position)
            }
        }
        let run = try play("--offline \(try write(bytes, "changed")) -a max -t 1")
        #expect([0, 1, 65].contains(run.status), "\(run)")
    }

    @Test func `a file without packets is played once, however many rounds are asked for`() throws {
        let run = try play("--offline \(try write(Array(recording.pcap.prefix(24)), "empty")) -T 0")
        #expect(run.figures == ["0", "0", "0", "0"] && run.status == 0, "\(run.error)")
    }

    @Test func `a file that is damaged in its midst is played up to there, and those beside it to their ends`() throws {
        var bytes = recording.pcap
        var position = 24
        for _ in 0..<100 { position += 16 + Int(bytes[position + 8]) + Int(bytes[position + 9]) << 8 }
        bytes.replaceSubrange(position + 8..<position + 12, with: [0xff, 0xff, 0xff, 0xff])
        let whole = try write(recording.pcapng, "whole")
        let run = try play("--offline \(whole),\(try write(bytes, "bad")) -a max")
        #expect(run.status == 65 && run.error.contains("bad: "), "\(run.error)")
        // Both hold the same.
        #expect(run.figures == ["203", "21", "203", "21"], "\(run.figures)")
        let alone = try play("--offline \(folder.path)/bad -a max")
        #expect(alone.status == 65 && (1..<203).contains(Int(alone.figures.first ?? "") ?? 0), "\(alone)")
        let twice = try play(
            "--offline \(folder.path)/bad,\(try write(Array(recording.pcap.dropLast(5)), "cut")) -a max")
        #expect(twice.status == 65, "\(twice)")
        for name in ["bad", "cut"] {
            #expect(twice.log.contains { $0.contains("\(name): ") && $0.hasSuffix("played on") }, "\(twice)")
        }
        let first = try play("--offline \(whole),\(try write(Array(recording.pcap.prefix(30)), "short")) -a max")
        #expect(first.status == 65 && first.figures.first == "203", "\(first)")
        let noCapture = try play("--offline \(whole),\(try write(Array("hello, world".utf8), "text")) -a max")
        #expect(noCapture.status == 65 && noCapture.figures.first == "0", "\(noCapture)")
    }

    @Test func `a longer pause than the user wants is cut short`() throws {
        var recording = Recording()
        recording.addClient(port: 40_000, exchanges: 2, beginsAt: 0)
        recording.addClient(port: 40_001, exchanges: 2, beginsAt: 3_600_000_000_000)
        let begin = ContinuousClock.now
        let run = try play("--offline \(try write(recording.pcapng, "pause")) -I 50")
        #expect(run.figures == ["4", "2", "4", "2"] && run.status == 0, "\(run.error)")
        #expect(ContinuousClock.now - begin < .seconds(30))
    }

    @Test func `a terminal shows share, exchanges, rate and time left`() throws {
        let path = try write(recording.pcapng, "shown")
        let terminal = try Terminal(of: "--offline \(path) -a 0.01")
        let text = terminal.readUntil { _ in false }
        #expect(terminal.status() == 0)
        // In the midst of it.
        let bar = /\[#+-+\]  \d\d%  exchanges [\d,]+  [\d,]+\/s  failed 0  \d\.\d s left/
        #expect(text.contains(bar), "\(text)")
    }

    @Test func `files are merged by time, so that a connection may go on in the next`() throws {
        let bytes = recording.pcap
        // Records are cut from one file to the other where one begins.
        var positions = [24]
        while let last = positions.last, last < bytes.count {
            positions.append(last + 16 + Int(bytes[last + 8]) + Int(bytes[last + 9]) << 8)
        }
        var halves = [Array(bytes[..<24]), Array(bytes[..<24])]
        for (index, start) in positions.dropLast().enumerated() {
            halves[index % 2] += bytes[start..<positions[index + 1]]
        }
        let paths = [try write(halves[0], "one"), try write(halves[1], "two")]
        #expect(try play("--offline \(paths[1]),\(paths[0]) -a max").figures == ["203", "21", "203", "21"])
    }

    @Test func `what a file can't be is one line at the end, and what it held before is played`() throws {
        let bytes = recording.pcap
        let cut = try play("--offline \(try write(Array(bytes.dropLast(5)), "cut")) -a max")
        #expect(cut.status == 65)
        #expect(cut.error.contains("cut: cut off inside a record at byte"))
        #expect(cut.figures.first == "203")
        let text = try play("--offline \(try write(Array("hello, world".utf8), "text"))")
        #expect(text.status == 65 && text.error.hasSuffix("text: neither pcap nor pcapng"))
        let noGzip = try play("--offline - -a max", from: "gzip -c \(folder.path)/cut | tail -c +2 |")
        #expect(noGzip.status == 65)
        let closed = try play("--offline - -a max <&-")
        #expect(closed.status == 66 && closed.error.contains("standard input is closed"), "\(closed)")
        // Of several chunks, the last of which the damage hides.
        var long = Recording()
        for client in 0..<400 {
            long.addClient(port: UInt16(10_000 + client), exchanges: 10, beginsAt: Int64(client) * 700_000)
        }
        _ = try write(long.pcap, "long")
        let damaged = try play("--offline - -a max", from: "gzip -1 -c \(folder.path)/long | head -c -1000 |")
        #expect(damaged.figures.first.flatMap { Int($0.filter(\.isNumber)) }.map { $0 > 3_900 } == true, "\(damaged)")
        #expect(damaged.status == 65 && damaged.error.contains("cut off at byte"), "\(damaged)")
        let missing = try play("--offline \(folder.path)/none")
        #expect(missing.status == 66 && missing.error.hasSuffix("No such file or directory"))
    }
}
