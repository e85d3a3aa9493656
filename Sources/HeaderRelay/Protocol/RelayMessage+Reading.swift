import Wire

extension RelayMessage {
    /// Reads a message of which `bytes` are all, head included; nil for a kind that may be passed over.
    init?(_ bytes: RawSpan) throws(RelayFault) {
        let number = bytes.byte(at: 2)
        guard let kind = Kind(rawValue: number) else {
            guard number >= Kind.firstOptional else { throw .unknownKind(number) }
            return nil
        }
        switch kind {
        case .headerIPv4, .headerIPv6: self = .header(try SegmentHeader(relayed: bytes, kind: kind))
        case .answerIPv4, .answerIPv6: self = .answer(try DatagramHeader(relayed: bytes, kind: kind))
        case .subscribe: self = .subscribe(try RelaySubscription(relayed: bytes))
        case .accepted: self = .accepted(round: try Self.round(bytes))
        case .announcementRequired: self = .announcementRequired(round: try Self.round(bytes))
        case .announcementOver: self = try Self.empty(.announcementOver, bytes)
        case .announce: self = .announce(try Self.flows(bytes))
        case .announced: self = .announced(round: try Self.round(bytes))
        case .release: self = .release(try Self.flows(bytes))
        case .granted: self = .granted(try Self.flows(bytes))
        case .refused: self = .refused(try Self.flows(bytes))
        case .alive: self = try Self.empty(.alive, bytes)
        case .patience: self = try Self.empty(.patience(milliseconds: bytes.byte(at: 3)), bytes)
        case .goodbye:
            guard let farewell = RelayFarewell(rawValue: bytes.byte(at: 3)) else { throw .malformed(kind: number) }
            self = try Self.empty(.goodbye(farewell), bytes)
        }
    }

    private static func empty(_ message: RelayMessage, _ bytes: RawSpan) throws(RelayFault) -> RelayMessage {
        guard bytes.byteCount == headByteCount else { throw badLength(bytes) }
        return message
    }

    private static func round(_ bytes: RawSpan) throws(RelayFault) -> UInt32 {
        guard bytes.byteCount == headByteCount + 4 else { throw badLength(bytes) }
        return bytes.bigEndian32(at: headByteCount)
    }

    private static func flows(_ bytes: RawSpan) throws(RelayFault) -> [Flow] {
        let count = (bytes.byteCount - headByteCount) / Flow.relayedByteCount
        guard (1...RelayProtocol.flowsPerMessage).contains(count),
            bytes.byteCount == headByteCount + count * Flow.relayedByteCount
        else { throw badLength(bytes) }
        return (0..<count).map { Flow(relayed: bytes, at: headByteCount + $0 * Flow.relayedByteCount) }
    }

    private static func badLength(_ bytes: RawSpan) -> RelayFault {
        .badLength(kind: bytes.byte(at: 2), length: bytes.byteCount)
    }
}
