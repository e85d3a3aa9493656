/// What a relay server does for hosts of TCPCopy 1.x.
public struct Version1Statistics: Equatable, Sendable {
    /// Connections at the moment; a tcpcopy has two, unless it was told otherwise.
    public var connections = 0
    /// Connections taken so far.
    public var allConnections = 0
    /// Sessions they asked for and, as far as is known, still do.
    public var sessions = 0
    /// Sessions forgotten because one connection announced too many.
    public var forgotten = 0
    /// Announcements passed over because another tcpcopy host held the pair of addresses.
    public var refused = 0

    public init() {}
}

extension Version1Statistics {
    init(_ service: Version1Service) {
        connections = service.connectionCount
        allConnections = service.allConnections
        sessions = service.sessions.count
        forgotten = service.sessions.forgotten
        refused = service.refused
    }
}
