/// Why an exchange that was selected was not answered by the target, or why a session could not be carried through.
/// docs/ledger.md says for each what a user can do about it.
public enum FailureReason: UInt8, CaseIterable, Sendable {
    /// The target answered the SYN with a RST: nothing listens there.
    case refusedByTarget
    /// No answer to the SYN in all its retransmissions.
    case handshakeTimeout
    /// Sent, but the target fell silent for the session time-out.
    case answerTimeout
    /// The target reset the connection before it had answered.
    case resetByTarget
    /// The target closed the connection before it had answered.
    case closedByTarget
    /// The client reset the connection before this exchange could be sent whole.
    case resetByClient
    /// Capture lost bytes of it that the client never sent again.
    case captureHole
    /// The snapshot length cut its packets.
    case captureTruncated
    /// Its end lies beyond the last packet of the capture files.
    case cutAtEnd
    /// Its beginning lies before the first packet that was seen.
    case joinedMidway
    /// Held by safe start: no header of this target was ever relayed.
    case targetSilent
    /// Still unanswered when tcpcopy was told to stop.
    case stopped
    /// No assistant relayed what the target may have answered: for the session time-out, or while a datagram waited.
    case relayAway
}

/// Why a session was given up on purpose, whole.
public enum ShedReason: UInt8, CaseIterable, Sendable {
    /// All memory that the user allowed was in use.
    case memory
    /// This session alone had more waiting than one session may hold.
    case backlog
    /// No replay address was free for it.
    case noReplayAddress
}
