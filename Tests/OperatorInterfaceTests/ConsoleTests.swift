import FoundationEssentials
import Logging
import Testing

@testable import OperatorInterface

/// A folder of its own for each test, taken away afterwards.
private struct Folder: ~Copyable {
    let path = FileManager.default.temporaryDirectory.path + "/console-\(UUID())"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func text(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }
}

@Test func `a log file is appended to, never begun anew`() throws {
    let folder = try Folder()
    try Console(logFile: folder.path + "/log").write("one")
    try Console(logFile: folder.path + "/log").write("two", "three")
    #expect(try folder.text("log") == "one\ntwo\nthree\n")
}

@Test func `after it was moved aside, a log file is opened anew`() throws {
    let folder = try Folder()
    let console = try Console(logFile: folder.path + "/log")
    console.write("before")
    try FileManager.default.moveItem(atPath: folder.path + "/log", toPath: folder.path + "/log.1")
    console.write("still the old file")
    console.reopen()
    console.write("after")
    #expect(try folder.text("log.1") == "before\nstill the old file\n")
    #expect(try folder.text("log") == "after\n")
}

@Test func `a log file that cannot be opened is refused by name`() throws {
    let refusal = #expect(throws: Refusal.self) { _ = try Console(logFile: "/nowhere/at/all/log") }
    #expect(refusal?.line == "-l /nowhere/at/all/log: cannot open the log file: No such file or directory")
    #expect(refusal?.status == .systemError)
}

@Test func `a log line has its time, its level, its message and its facts`() throws {
    let folder = try Folder()
    let console = try Console(logFile: folder.path + "/log")
    var logger = Logger(label: "test") { _ in ConsoleLogHandler(console, level: .notice) }
    logger[metadataKey: "b"] = "2"
    logger.notice("relay up", metadata: ["a": "1"])
    logger.info("not worth a line at this level")
    let line = try folder.text("log")
    #expect(line.wholeMatch(of: /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} notice: relay up a=1 b=2\n/) != nil, "\(line)")
}

@Test func `a file has no status line`() throws {
    let folder = try Folder()
    let console = try Console(logFile: folder.path + "/log")
    console.showStatus("42 sessions")
    #expect(try folder.text("log") == "")
    #expect(console.statusInterval == .seconds(30))
}

@Test func `a PID file names this process and goes with it`() throws {
    let folder = try Folder()
    let file = try PIDFile(folder.path + "/pid")
    #expect(try folder.text("pid") == "\(ProcessInfo.processInfo.processIdentifier)\n")
    file.remove()
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/pid"))
}

@Test func `a PID file of a running process is left alone, a stale one replaced`() throws {
    let folder = try Folder()
    let path = folder.path + "/pid"
    try Data("1\n".utf8).write(to: URL(filePath: path))
    #expect(throws: Refusal("-P \(path): process 1, named there, still runs", .configuration)) { _ = try PIDFile(path) }
    #expect(try folder.text("pid") == "1\n")
    try Data("2147483646\n".utf8).write(to: URL(filePath: path))
    _ = try PIDFile(path)
    #expect(try folder.text("pid") == "\(ProcessInfo.processInfo.processIdentifier)\n")
}
