import NIOCore
import Wire

/// The connections of TCPCopy 1.x that an intercept serves, and what they asked for.
struct Version1Service {
    var sessions = Version1Sessions()
    var waiting = Version1Waiting()
    private var connections: [Version1Member: RelayConnection] = [:]
    private var members: [ObjectIdentifier: Version1Member] = [:]
    private var lastMember = 0

    /// Headers that had to wait for their session's announcement.
    private(set) var everHeld = 0
    /// Announcements passed over because another tcpcopy host holds the pair of addresses.
    var refused = 0

    var isServing: Bool { !connections.isEmpty }
    var connectionCount: Int { connections.count }
    /// Connections served so far.
    var allConnections: Int { lastMember }

    mutating func join(_ connection: RelayConnection) {
        lastMember += 1
        connections[lastMember] = connection
        members[ObjectIdentifier(connection)] = lastMember
    }

    /// Forgets a connection and what it asked for; false if it was none of these.
    mutating func leave(_ connection: RelayConnection) -> Bool {
        guard let member = members.removeValue(forKey: ObjectIdentifier(connection)) else { return false }
        connections[member] = nil
        sessions.removeAll(of: member)
        return true
    }

    /// The connection that asked for the responses of a session, of which one has come.
    mutating func connection(for session: Version1Session) -> RelayConnection? {
        sessions.owner(of: session).flatMap { connections[$0] }
    }

    /// The session's responses go to `connection` from now on; returns those that have waited for it.
    mutating func add(_ session: Version1Session, by connection: RelayConnection) -> [SegmentHeader] {
        guard let member = members[ObjectIdentifier(connection)] else { return [] }
        sessions.add(session, by: member)
        return waiting.take(session)
    }

    mutating func remove(_ session: Version1Session, by connection: RelayConnection) {
        guard let member = members[ObjectIdentifier(connection)] else { return }
        sessions.remove(session, by: member)
    }

    /// Lets a header wait for its session's announcement; false when too many wait already.
    mutating func hold(_ header: SegmentHeader, of session: Version1Session, now: NIODeadline) -> Bool {
        guard waiting.hold(header, of: session, now: now) else { return false }
        everHeld += 1
        return true
    }
}
