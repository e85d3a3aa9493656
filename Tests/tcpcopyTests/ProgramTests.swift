import Foundation
import Testing

@testable import tcpcopy

/// One run of the built program.
private struct Run {
    var status: Int32
    var output: String
    var complaint: String

    init(_ line: String, through launcher: [String] = []) throws {
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let words = launcher + [folder.appending(path: "tcpcopy").path] + line.split(separator: " ").map(String.init)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        let (output, complaint) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = complaint
        try process.run()
        self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        self.complaint = String(decoding: complaint.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus
    }
}

@Test(arguments: [
    ("", "tcpcopy: -x is missing; expected -x \(TransferRule.shape)\n"),
    ("--transfers 80-10.0.0.3:80", "tcpcopy: Unknown option '--transfers'. Did you mean '--transfer'?\n"),
    ("-x", "tcpcopy: Missing value for '-x <transfer>'\n"),
    ("-x 80-10.0.0.3:80 stray", "tcpcopy: Unexpected argument 'stray'\n"),
    (
        "-p 0",
        "tcpcopy: The value '0' is invalid for '-p <port>': a whole number from 1 to 65535 is expected\n"
    ),
    (
        "-x 10.0.0.2:80-10.0.0.3:80 -s 10.0.0.4 -d",
        "tcpcopy: -d: in the background nothing is heard without a log file: -l FILE is expected with it\n"
    ),
])
func `a command line that cannot be obeyed is one line and status 64`(line: String, complaint: String) throws {
    let run = try Run(line)
    #expect(run.status == 64)
    #expect(run.complaint == complaint)
    #expect(run.output == "")
}

@Test func `an interface that this host does not have is refused with those it has`() throws {
    let run = try Run("-x 10.0.0.2:80-10.0.0.3:80 -s 10.0.0.4 -i nowhere0")
    #expect(run.status == 64)
    #expect(run.complaint.wholeMatch(of: /tcpcopy: -i nowhere0: no such interface; one of .*lo.* is expected\n/) != nil)
}

@Test func `without privilege it ends with 77 and the command that mends it`() throws {
    let run = try Run(
        "-x 10.0.0.2:80-10.0.0.3:80 -s 10.0.0.4",
        through: geteuid() == 0 ? ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] : [])
    #expect(run.status == 77)
    #expect(run.complaint.hasPrefix("tcpcopy: needs CAP_NET_RAW: run it as root, or: sudo setcap cap_net_raw"))
    #expect(run.complaint.hasSuffix("/tcpcopy\n"))
}

@Test(arguments: ["-v", "--version"])
func `the version needs no other option`(option: String) throws {
    let run = try Run(option)
    #expect(run.status == 0)
    #expect(run.output.wholeMatch(of: /tcpcopy \d+\.\d+\.\d+\n/) != nil)
}

@Test(arguments: ["-h", "--help"])
func `help goes to standard output and is no error`(option: String) throws {
    let run = try Run(option)
    #expect(run.status == 0)
    #expect(run.output.hasPrefix("OVERVIEW: "))
    #expect(run.complaint == "")
}
