import OperatorInterface
import Wire

/// Where an intercept listens: one element of `-s`, `ASSISTANT[:PORT]`.
struct AssistantAddress: Hashable, Sendable {
    /// An address without brackets, or a name.
    let host: String
    let port: UInt16

    /// Reads one element. A port that is not given is `defaultPort`.
    init(_ text: some StringProtocol, defaultPort: UInt16) throws(Refusal) {
        let text = String(text)
        if IPAddress(text) != nil {
            (host, port) = (text, defaultPort)
            return
        }
        let bracket = text.hasPrefix("[") ? text.firstIndex(of: "]") : nil
        let end = bracket.map { text.index(after: $0) } ?? text.firstIndex(of: ":") ?? text.endIndex
        let host = bracket == nil ? text[..<end] : text[..<end].dropFirst().dropLast()
        guard bracket == nil ? Self.isName(host) : IPAddress(String(host))?.isIPv4 == false else {
            throw Refusal("-s \(text): '\(host)' is no host; an address (IPv6 in brackets) or a name is expected")
        }
        self.host = String(host)
        guard end < text.endIndex else {
            port = defaultPort
            return
        }
        let number = text[text.index(after: end)...]
        guard text[end] == ":", let port = WholeNumber.read(number).flatMap({ UInt16(exactly: $0) }), port > 0 else {
            throw Refusal("-s \(text): port '\(number)'; a number from 1 to 65535 is expected")
        }
        self.port = port
    }

    /// Reads `-s`: elements with commas between them.
    static func list(_ text: String, defaultPort: UInt16) throws(Refusal) -> [AssistantAddress] {
        var assistants: [AssistantAddress] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let assistant = try AssistantAddress(part, defaultPort: defaultPort)
            guard !assistants.contains(assistant) else { throw Refusal("-s \(part): given twice") }
            assistants.append(assistant)
        }
        return assistants
    }

    /// An IPv4 address, or a host name (RFC 1123, section 2.1); not a malformed address.
    private static func isName(_ text: Substring) -> Bool {
        if IPAddress(String(text))?.isIPv4 == true { return true }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != "-" && label.last != "-"
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        } && labels.last?.contains(where: \.isLetter) == true
    }
}

extension AssistantAddress: CustomStringConvertible {
    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
