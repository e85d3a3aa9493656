/// What the system refused to do, for whom, and why: the one error that LinkLayer throws.
public struct SystemRefusal: Error, Equatable, Sendable {
    /// A verb with what it is done to: `open`.
    public let operation: String
    /// Whom it concerns: `eth7 for capture`.
    public let subject: String
    /// The system's or the library's words.
    public let reason: String
    /// The errno that says it, where there is one.
    public let code: Int32?

    /// A refusal in the words of a library; `code` where it stands for an errno.
    public init(_ operation: String, _ subject: String, reason: String, code: Int32? = nil) {
        self.operation = operation
        self.subject = subject
        self.reason = reason
        self.code = code
    }

    /// A refusal by errno.
    public init(_ operation: String, _ subject: String, code: Int32) {
        self.init(operation, subject, reason: SystemCall.text(of: code), code: code)
    }

    /// Whether a privilege is what is missing.
    public var isMissingPrivilege: Bool { code == SystemCall.notPermitted || code == SystemCall.accessDenied }
}

extension SystemRefusal: CustomStringConvertible {
    /// One line: `cannot open eth7 for capture: No such device exists`.
    public var description: String { "cannot \(operation) \(subject): \(reason)" }
}
