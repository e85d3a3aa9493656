import Logging

/// How much a program says. Each level includes those before it.
public enum LogLevel: String, CaseIterable, CustomStringConvertible, Sendable {
    case error, warning, notice, info, debug, trace

    public var description: String { rawValue }

    /// The level of swift-log that bears this name.
    public var level: Logger.Level {
        switch self {
        case .error: .error
        case .warning: .warning
        case .notice: .notice
        case .info: .info
        case .debug: .debug
        case .trace: .trace
        }
    }
}
