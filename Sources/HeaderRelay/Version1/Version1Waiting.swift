import NIOCore
import Wire

/// Responses that came before their session was announced: TCPCopy 1.x announces it and sends the SYN at once, so the
/// SYN-ACK may win.
struct Version1Waiting {
    /// How long the announcement is waited for.
    static let limit = TimeAmount.seconds(2)
    static let maximumHeaders = 4_096

    private var headers: [Version1Session: [Held]] = [:]
    /// In the order of their deadlines; also sessions whose headers were taken.
    private var queue = CircularBuffer<(session: Version1Session, deadline: NIODeadline)>()
    private(set) var count = 0

    private struct Held {
        let header: SegmentHeader
        let deadline: NIODeadline
    }

    /// When `expire` is due.
    var nextDeadline: NIODeadline? { queue.first?.deadline }

    /// Whether a response may be waiting for its announcement: it is the first, or the only one, of its session.
    static func isFirst(_ header: borrowing SegmentHeader) -> Bool { !header.flags.isDisjoint(with: [.syn, .rst]) }

    /// Keeps a header; false when too many wait already.
    mutating func hold(_ header: SegmentHeader, of session: Version1Session, now: NIODeadline) -> Bool {
        dropTaken()
        guard count < Self.maximumHeaders, queue.count < 2 * Self.maximumHeaders else { return false }
        let deadline = now + Self.limit
        headers[session, default: []].append(Held(header: header, deadline: deadline))
        queue.append((session, deadline))
        count += 1
        return true
    }

    /// The headers that waited for the session, in the order of their arrival.
    mutating func take(_ session: Version1Session) -> [SegmentHeader] {
        guard !headers.isEmpty, let held = headers.removeValue(forKey: session) else { return [] }
        count -= held.count
        return held.map(\.header)
    }

    /// Gives up what has waited long enough; how many headers that were.
    mutating func expire(now: NIODeadline) -> Int {
        var expired = 0
        while let first = queue.first, first.deadline <= now {
            queue.removeFirst()
            guard var held = headers.removeValue(forKey: first.session) else { continue }
            let before = held.count
            held.removeAll { $0.deadline <= now }
            expired += before - held.count
            if !held.isEmpty { headers[first.session] = held }
        }
        count -= expired
        return expired
    }

    private mutating func dropTaken() {
        while let first = queue.first, headers[first.session] == nil { queue.removeFirst() }
    }
}
