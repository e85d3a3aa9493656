extension IPAddress: LosslessStringConvertible {
    /// Reads `10.0.0.1` or `2001:db8::1` (RFC 4291, section 2.2; no zone, no brackets); nil for anything else.
    public init?(_ text: String) {
        if text.contains(":") {
            guard let groups = Self.ipv6Groups(text) else { return nil }
            let halves = (groups[0..<4], groups[4..<8])
            self.init(
                high: halves.0.reduce(0) { $0 << 16 | UInt64($1) }, low: halves.1.reduce(0) { $0 << 16 | UInt64($1) })
        } else {
            guard let bits = Self.ipv4Bits(text[...]) else { return nil }
            self.init(v4: bits)
        }
    }

    private static func ipv4Bits(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ $0.isASCII && $0.isNumber }), let octet = UInt8(part),
                part.count == 1 || part.first != "0"
            else { return nil }
            bits = bits << 8 | UInt32(octet)
        }
        return bits
    }

    private static func ipv6Groups(_ text: String) -> [UInt16]? {
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2, let front = groups(of: halves[0], mayEndInIPv4: halves.count == 1) else { return nil }
        guard halves.count == 2 else { return front.count == 8 ? front : nil }
        guard let back = groups(of: halves[1], mayEndInIPv4: true), front.count + back.count <= 7 else { return nil }
        return front + Array(repeating: 0, count: 8 - front.count - back.count) + back
    }

    private static func groups(of text: Substring, mayEndInIPv4: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, part.contains(".") {
                guard let bits = ipv4Bits(part) else { return nil }
                groups += [UInt16(bits >> 16), UInt16(truncatingIfNeeded: bits)]
            } else {
                guard (1...4).contains(part.count), part.allSatisfy(\.isHexDigit), let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    /// The canonical text (RFC 5952): lower case, the longest run of zero groups shortened.
    public var description: String {
        guard !isIPv4 else {
            return "\(v4Bits >> 24).\(v4Bits >> 16 & 0xff).\(v4Bits >> 8 & 0xff).\(v4Bits & 0xff)"
        }
        let groups = (0..<8).map { index in
            UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - index % 4 * 16))
        }
        guard let run = Self.longestZeroRun(groups) else { return Self.joined(groups[...]) }
        return "\(Self.joined(groups[..<run.lowerBound]))::\(Self.joined(groups[run.upperBound...]))"
    }

    private static func joined(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start: Int?
        for index in 0...groups.count {
            if index < groups.count, groups[index] == 0 {
                start = start ?? index
            } else if let from = start {
                if index - from > max(1, best?.count ?? 0) { best = from..<index }
                start = nil
            }
        }
        return best
    }
}
