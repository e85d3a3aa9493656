import Wire

@testable import ReplayEngine

/// One line of a packet script, taken apart.
struct ScriptLine {
    /// `captured`, `+20ms`, …
    let verb: String
    /// After the verb's `@`; the client's port.
    let port: UInt16
    let words: [String]
    let text: String

    init?(_ text: String) {
        words = text.split(separator: " ").map(String.init)
        guard let first = words.first else { return nil }
        let parts = first.split(separator: "@")
        verb = String(parts[0])
        port = parts.count > 1 ? UInt16(parts[1]) ?? 0 : 40000
        self.text = words.joined(separator: " ")
    }

    /// The number that follows a word.
    func number(after word: String) -> Int? {
        words.firstIndex(of: word).flatMap { $0 + 1 < words.count ? Int(words[$0 + 1]) : nil }
    }

    var client: Endpoint { Endpoint(PacketScript.clientAddress, port) }
    /// The pair of addresses as replayed.
    var replayFlow: Flow { Flow(from: client, to: PacketScript.target) }

    /// The time that a `+20ms` line lets pass.
    var interval: Interval? { verb.first == "+" ? Self.interval(verb.dropFirst()) : nil }

    /// `20ms`
    static func interval(_ text: some StringProtocol) -> Interval? {
        let digits = text.prefix { $0.isNumber }
        guard let count = Int64(digits) else { return nil }
        switch text.dropFirst(digits.count) {
        case "s": return .seconds(count)
        case "ms": return .milliseconds(count)
        case "us": return .microseconds(count)
        default: return nil
        }
    }

    /// The segment that the line describes; nil when it can't be read.
    func segment(from source: Endpoint, to destination: Endpoint) -> SegmentHeader? {
        guard words.count > 2, let flags = TCPFlags(words[1]) else { return nil }
        let range = words[2].split { ":()".contains($0) }.map { UInt32($0) }
        guard range.count == 3, let start = range[0], let end = range[1], let length = range[2],
            start &+ length == end
        else { return nil }
        var header = SegmentHeader(
            flow: Flow(from: source, to: destination), sequence: SequenceNumber(start), flags: flags, window: 502,
            payloadLength: Int(length))
        header.acknowledgement = SequenceNumber(UInt32(number(after: "ack") ?? 0))
        if let window = number(after: "win") { header.window = UInt16(window) }
        if let pointer = number(after: "urg") { header.urgentPointer = UInt16(pointer) }
        if let open = text.firstIndex(of: "<"), let close = text.firstIndex(of: ">") {
            guard let options = Self.options(text[text.index(after: open)..<close]) else { return nil }
            header.options = options
        }
        return header
    }

    private static func options(_ text: Substring) -> TCPOptions? {
        var options = TCPOptions()
        for option in text.split(separator: ",") {
            let words = option.split(separator: " ")
            switch words[0] {
            case "mss": options.maximumSegmentSize = UInt16(words[1])
            case "wscale": options.windowScale = UInt8(words[1])
            case "sackOK": options.sackPermitted = true
            case "TS": options.timestamps = TCPTimestamps(value: UInt32(words[2]) ?? 0, echo: UInt32(words[4]) ?? 0)
            case "sack":
                let ends = words[1].split(separator: ":").map { SequenceNumber(UInt32($0) ?? 0) }
                options.sackBlocks.append(SequenceRange(ends[0], ends[1]))
            default: return nil
            }
        }
        return options
    }
}
