import Logging

/// Log lines as operators read them: `2026-01-02 03:04:05.678 notice: relay up assistant=10.0.0.4:36524`.
public struct ConsoleLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let console: Console

    public init(_ console: Console, level: LogLevel) {
        self.console = console
        logLevel = level.level
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { _, later in later }
            .sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        console.write("\(WallClock.text) \(event.level): \(event.message)\(facts)")
    }
}
