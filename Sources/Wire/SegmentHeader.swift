/// Everything about a TCP segment but its payload: what the engine decides on, the relay carries and logs show.
public struct SegmentHeader: Hashable, Sendable {
    public var flow: Flow
    public var sequence: SequenceNumber
    /// Means something only with the ACK flag.
    public var acknowledgement: SequenceNumber
    public var flags: TCPFlags
    /// As on the wire, not scaled.
    public var window: UInt16
    public var urgentPointer: UInt16
    public var options: TCPOptions
    /// Bytes of payload according to the IP header, also where the capture holds fewer.
    public var payloadLength: Int

    @inlinable public init(
        flow: Flow, sequence: SequenceNumber, acknowledgement: SequenceNumber = SequenceNumber(0), flags: TCPFlags,
        window: UInt16, urgentPointer: UInt16 = 0, options: TCPOptions = TCPOptions(), payloadLength: Int = 0
    ) {
        self.flow = flow
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        self.flags = flags
        self.window = window
        self.urgentPointer = urgentPointer
        self.options = options
        self.payloadLength = payloadLength
    }

    /// Payload plus one for each of SYN and FIN: what the segment occupies in sequence space (RFC 9293, SEG.LEN).
    @inlinable public var sequenceLength: Int {
        payloadLength + (flags.contains(.syn) ? 1 : 0) + (flags.contains(.fin) ? 1 : 0)
    }

    /// The number after the segment's last.
    @inlinable public var sequenceEnd: SequenceNumber { sequence.advanced(by: sequenceLength) }
}

extension SegmentHeader: CustomStringConvertible {
    /// tcpdump's and packetdrill's notation: `10.0.0.1.40000 > 10.0.0.2.80: P. 1001:1101(100) ack 7001 win 502`.
    public var description: String { "\(flow): \(segment)" }

    /// The same without the addresses.
    public var segment: String {
        var text = "\(flags) \(sequence):\(sequence.advanced(by: payloadLength))(\(payloadLength))"
        if flags.contains(.ack) { text += " ack \(acknowledgement)" }
        text += " win \(window)"
        if flags.contains(.urg) { text += " urg \(urgentPointer)" }
        let options = options.description
        return options.isEmpty ? text : "\(text) <\(options)>"
    }
}

extension TCPOptions: CustomStringConvertible {
    /// `mss 1460,sackOK,TS val 10 ecr 20,wscale 7,sack 1:2`; empty for none.
    public var description: String {
        var parts: [String] = []
        if let maximumSegmentSize { parts.append("mss \(maximumSegmentSize)") }
        if sackPermitted { parts.append("sackOK") }
        if let timestamps { parts.append("TS val \(timestamps.value) ecr \(timestamps.echo)") }
        if let windowScale { parts.append("wscale \(windowScale)") }
        for index in 0..<sackBlocks.count {
            parts.append("sack \(sackBlocks[index].start):\(sackBlocks[index].end)")
        }
        return parts.joined(separator: ",")
    }
}
