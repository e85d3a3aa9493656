import ArgumentParser

/// The options that say how a program runs rather than what it does. Both programs have them.
public struct OperatingOptions: ParsableArguments {
    @Option(
        name: [.customShort("l"), .long],
        help: .init("Log there instead of standard error; opened anew on SIGHUP.", valueName: "file"))
    public var logFile: String?

    @Option(
        help: .init(
            "error, warning, notice, info, debug or trace (trace: every packet in tcpdump's notation). (default: notice)",
            valueName: "level"),
        transform: readLogLevel)
    public var logLevel = LogLevel.notice

    @Option(
        name: [.customShort("P"), .long],
        help: .init("Write the number of the process there; removed at the end.", valueName: "file"))
    public var pidFile: String?

    @Flag(
        name: [.customShort("d"), .customLong("daemon")],
        help: "Run in the background once everything is open; needs -l.")
    public var runsInBackground = false

    @Flag(name: [.customShort("v"), .customLong("version")], help: "Show the version.")
    public var showsVersion = false

    public init() {}

    /// Refuses what contradicts itself.
    func check() throws(Refusal) {
        if runsInBackground, logFile == nil {
            throw Refusal("-d: in the background nothing is heard without a log file: -l FILE is expected with it")
        }
    }
}

@Sendable private func readLogLevel(_ text: String) throws -> LogLevel {
    guard let level = LogLevel(rawValue: text) else {
        let names = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
        throw Refusal("one of \(names) is expected")
    }
    return level
}
