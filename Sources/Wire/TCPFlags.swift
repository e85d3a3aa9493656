/// The control bits of a TCP header (RFC 9293, section 3.1; RFC 3168 for ECE and CWR).
public struct TCPFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let fin = TCPFlags(rawValue: 0x01)
    public static let syn = TCPFlags(rawValue: 0x02)
    public static let rst = TCPFlags(rawValue: 0x04)
    public static let psh = TCPFlags(rawValue: 0x08)
    public static let ack = TCPFlags(rawValue: 0x10)
    public static let urg = TCPFlags(rawValue: 0x20)
    public static let ece = TCPFlags(rawValue: 0x40)
    public static let cwr = TCPFlags(rawValue: 0x80)
}

extension TCPFlags: CustomStringConvertible {
    /// tcpdump's letters: `S.`, `P.`, `F.`, `R`, `.`; `none` for no flag.
    public var description: String {
        let letters: [(TCPFlags, Character)] = [
            (.fin, "F"), (.syn, "S"), (.rst, "R"), (.psh, "P"), (.urg, "U"), (.ece, "E"), (.cwr, "W"), (.ack, "."),
        ]
        let text = String(letters.filter { contains($0.0) }.map(\.1))
        return text.isEmpty ? "none" : text
    }

    /// Reads tcpdump's letters; nil for any other.
    public init?(_ text: String) {
        let letters: [Character: TCPFlags] = [
            "F": .fin, "S": .syn, "R": .rst, "P": .psh, "U": .urg, "E": .ece, "W": .cwr, ".": .ack,
        ]
        var flags: TCPFlags = []
        guard text != "none" else {
            self = flags
            return
        }
        for letter in text {
            guard let flag = letters[letter] else { return nil }
            flags.insert(flag)
        }
        self = flags
    }
}
