/// The control bits of a TCP header (RFC 9293, section 3.1; RFC 3168 for ECE and CWR).
public struct TCPFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public static var fin: TCPFlags { TCPFlags(rawValue: 0x01) }
    @inlinable public static var syn: TCPFlags { TCPFlags(rawValue: 0x02) }
    @inlinable public static var rst: TCPFlags { TCPFlags(rawValue: 0x04) }
    @inlinable public static var psh: TCPFlags { TCPFlags(rawValue: 0x08) }
    @inlinable public static var ack: TCPFlags { TCPFlags(rawValue: 0x10) }
    @inlinable public static var urg: TCPFlags { TCPFlags(rawValue: 0x20) }
    @inlinable public static var ece: TCPFlags { TCPFlags(rawValue: 0x40) }
    @inlinable public static var cwr: TCPFlags { TCPFlags(rawValue: 0x80) }
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
