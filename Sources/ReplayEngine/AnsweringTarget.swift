import Wire

/// A target that takes everything and answers each segment of payload with one of its own: what `--dry-run` replays to.
///
/// It keeps no state: a replay acknowledges all it has heard, so each segment tells where the conversation stands.
public struct AnsweringTarget: Sendable {
    /// Bytes of each answer: as many as a window without scaling takes, more than most servers answer online, so that hardly an
    /// exchange waits for the rest of the answer to the one before.
    public static let answerLength = 65_535

    public init() {}

    /// What the target would answer to a datagram that was to be injected.
    public func answer(to header: DatagramHeader) -> DatagramHeader {
        DatagramHeader(flow: header.flow.reversed, payloadLength: 0)
    }

    /// What the target would answer to a segment that was to be injected; nil for an acknowledgement or a RST.
    public func answer(to header: SegmentHeader) -> SegmentHeader? {
        guard !header.flags.contains(.rst) else { return nil }
        var answer = SegmentHeader(
            flow: header.flow.reversed, sequence: header.acknowledgement, acknowledgement: header.sequenceEnd,
            flags: .ack, window: 65535)
        if let timestamps = header.options.timestamps {
            answer.options.timestamps = TCPTimestamps(value: timestamps.value, echo: timestamps.value)
        }
        if header.flags.contains(.syn) {
            answer.sequence = SequenceNumber(header.sequence.rawValue ^ 0x5555_5555)
            answer.flags = [.syn, .ack]
            answer.options.maximumSegmentSize = header.options.maximumSegmentSize
            answer.options.windowScale = header.options.windowScale.map { _ in 10 }
            answer.options.sackPermitted = header.options.sackPermitted
            return answer
        }
        if header.flags.contains(.fin) {
            // Behind the answer to what was sent right before it, with the same acknowledgement.
            answer.sequence = header.acknowledgement.advanced(by: Self.answerLength)
            answer.flags = [.fin, .ack]
            return answer
        }
        guard header.payloadLength > 0 else { return nil }
        if header.flags.contains(.psh) {
            answer.flags = [.psh, .ack]
            answer.payloadLength = Self.answerLength
        }
        return answer
    }
}
