/// Why a program will not start or go on: one line for the operator, and the status to exit with.
///
/// The line names the option, the value and what is expected, and ends without a full stop.
public struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
    public let line: String
    public let status: ExitStatus

    /// Line breaks in `line` become spaces, so that it stays one.
    public init(_ line: String, _ status: ExitStatus = .usage) {
        self.line = line.split(whereSeparator: \.isNewline).joined(separator: " ")
        self.status = status
    }

    public var description: String { line }
}
