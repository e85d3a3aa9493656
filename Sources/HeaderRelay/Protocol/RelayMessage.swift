import Wire

/// What tcpcopy and intercept say to each other.
public enum RelayMessage: Equatable, Sendable {
    /// tcpcopy, first of all: which responses it asks for.
    case subscribe(RelaySubscription)
    /// intercept's answer. A round other than 0: announcements are required from the start, see `announcementRequired`.
    case accepted(round: UInt32)
    /// intercept: another host asks for the same responses. Announce all live sessions, then each new one before its SYN.
    case announcementRequired(round: UInt32)
    /// intercept: no other host asks for the same responses any more.
    case announcementOver
    /// tcpcopy: these sessions (client to target) are or will be its own.
    case announce([Flow])
    /// tcpcopy: all sessions that were live when this round began have been announced.
    case announced(round: UInt32)
    /// tcpcopy: these sessions have ended.
    case release([Flow])
    /// intercept: each of these announced sessions is tcpcopy's.
    case granted([Flow])
    /// intercept: another host holds these.
    case refused([Flow])
    /// Either, when there was nothing else to say.
    case alive
    /// tcpcopy: until it says otherwise, headers may come so many milliseconds later than they could.
    case patience(milliseconds: UInt8)
    /// Either, before it closes the connection on purpose.
    case goodbye(RelayFarewell)
    /// intercept: a response without its payload; `flow` goes from target to client.
    case header(SegmentHeader)
    /// intercept: an answer of UDP without its payload; `flow` goes from target to client.
    case answer(DatagramHeader)
}

extension RelayMessage {
    /// The number in a message's head. From 128 on, a receiver passes over kinds that it does not know.
    enum Kind: UInt8, CaseIterable {
        case subscribe = 1
        case accepted = 2
        case announcementRequired = 3
        case announcementOver = 4
        case announce = 5
        case announced = 6
        case release = 7
        case granted = 8
        case refused = 9
        case alive = 10
        case goodbye = 11
        case headerIPv4 = 16
        case headerIPv6 = 17
        case answerIPv4 = 18
        case answerIPv6 = 19
        case patience = 128

        static let firstOptional: UInt8 = 128
    }

    var kind: Kind {
        switch self {
        case .subscribe: .subscribe
        case .accepted: .accepted
        case .announcementRequired: .announcementRequired
        case .announcementOver: .announcementOver
        case .announce: .announce
        case .announced: .announced
        case .release: .release
        case .granted: .granted
        case .refused: .refused
        case .alive: .alive
        case .patience: .patience
        case .goodbye: .goodbye
        case .header(let header): header.relayKind
        case .answer(let answer): answer.relayKind
        }
    }
}
