import Wire

/// Fragments of a datagram from the sample client to the sample target.
struct SampleDatagram {
    enum Family: CaseIterable { case v4, v6 }

    let family: Family
    var identification: UInt32 = 0x1234
    var transport: UInt8 = 6
    let payload: [UInt8]

    /// The packet as it was before it was cut.
    var whole: [UInt8] {
        family == .v4
            ? Sample.ipv4(payload, fragment: 0, protocolNumber: transport)
            : Sample.ipv6(payload, protocolNumber: transport)
    }

    /// The bytes of `range`; more follow unless it reaches the end.
    func fragment(_ range: Range<Int>, isLast: Bool? = nil, payload other: [UInt8]? = nil) -> [UInt8] {
        let more: UInt16 = isLast ?? (range.upperBound == payload.count) ? 0 : 1
        let bytes = other ?? Array(payload[range])
        switch family {
        case .v4:
            var packet = Sample.ipv4(
                bytes, fragment: more << 13 | UInt16(range.lowerBound / 8), protocolNumber: transport)
            packet.replaceSubrange(4..<6, with: Sample.big(UInt16(truncatingIfNeeded: identification)))
            return packet
        case .v6:
            let header = Sample.big(UInt16(range.lowerBound) | more) + Sample.big(identification)
            return Sample.ipv6(
                bytes, extensions: [Sample.Extension(number: 44, content: header)], protocolNumber: transport)
        }
    }

    /// The datagram cut at `places`.
    func fragments(cutAt places: [Int]) -> [[UInt8]] {
        let ends = places + [payload.count]
        return zip([0] + places, ends).map { fragment($0..<$1) }
    }
}

extension FragmentReassembler {
    /// Takes a fragment as it would come from the wire; the whole packet, where that made one.
    mutating func whole(_ packet: [UInt8], captured: Int? = nil, now: Int64 = 0) throws(WireError) -> [UInt8]? {
        let span = packet.rawSpan.extracting(first: captured ?? packet.count)
        guard try take(span, wireLength: packet.count, now: now) else { return nil }
        var bytes: [UInt8] = []
        lendWhole { packet, _ in bytes = Array(copying: packet) }
        return bytes
    }

    /// The length on the wire of the last whole datagram.
    var wholeWireLength: Int {
        var length = 0
        lendWhole { length = $1 }
        return length
    }

    /// Fragments that have ended in one bin or another.
    var accounted: Int {
        counts.joined + counts.repeated + counts.overlapping + counts.timedOut + counts.abandoned
    }
}
