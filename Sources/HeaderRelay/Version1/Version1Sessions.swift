import NIOCore

/// A connection of TCPCopy 1.x, by a number of its own.
typealias Version1Member = Int

/// Which connection of TCPCopy 1.x asked for which session.
///
/// TCPCopy 1.x announces a session anew on whichever of its connections is next in line, so the last announcement
/// counts. It does not say when a session has ended, so connections share a fixed number of them evenly, and one that
/// has more forgets its oldest of which nothing was heard since its turn came last (the "clock" of page replacement).
struct Version1Sessions {
    /// Sessions of all connections.
    static let maximumSessions = 1 << 20
    /// The oldest that are looked at for each announcement, so that none takes long.
    private static let mostLookedAt = 64

    private var owners: [Version1Session: Owner] = [:]
    private var members: [Version1Member: Member] = [:]
    private let maximum: Int
    private var announcements: UInt32 = 0

    /// Sessions forgotten because their connection announced too many.
    private(set) var forgotten = 0

    private struct Owner {
        var member: Version1Member
        /// Which announcement made it so.
        var announcement: UInt32
        /// Whether it was heard of since its turn in the queue.
        var isRecent: Bool
    }

    private struct Member {
        /// Sessions that are its own.
        var count = 0
        /// What it announced, the oldest first; also what is no more, or another's by now.
        var queue = CircularBuffer<Announcement>()

        var isMostlyStale: Bool { queue.count > 2 * count + 64 }
    }

    private struct Announcement {
        let session: Version1Session
        let number: UInt32
    }

    /// - Parameter maximum: sessions of all connections.
    init(maximum: Int = Self.maximumSessions) { self.maximum = maximum }

    var count: Int { owners.count }

    func isOwned(_ session: Version1Session) -> Bool { owners[session] != nil }

    /// Who asked for the session's responses, of which one has come.
    mutating func owner(of session: Version1Session) -> Version1Member? {
        guard let index = owners.index(forKey: session) else { return nil }
        owners.values[index].isRecent = true
        return owners.values[index].member
    }

    mutating func add(_ session: Version1Session, by member: Version1Member) {
        if let index = owners.index(forKey: session) {
            guard owners.values[index].member != member else { return owners.values[index].isRecent = true }
            removeOwner(at: index)
        }
        announcements &+= 1
        owners[session] = Owner(member: member, announcement: announcements, isRecent: false)
        members[member, default: Member()].count += 1
        members[member]?.queue.append(Announcement(session: session, number: announcements))
        makeRoom(for: member)
    }

    mutating func remove(_ session: Version1Session, by member: Version1Member) {
        guard let index = owners.index(forKey: session), owners.values[index].member == member else { return }
        removeOwner(at: index)
    }

    /// The connection has ended, and with it all that it asked for.
    mutating func removeAll(of member: Version1Member) {
        for announcement in members.removeValue(forKey: member)?.queue ?? [] {
            remove(announcement.session, by: member)
        }
    }

    private mutating func removeOwner(at index: Dictionary<Version1Session, Owner>.Index) {
        members[owners.values[index].member]?.count -= 1
        owners.remove(at: index)
    }

    /// Looks at the oldest announcements while there are too many.
    private mutating func makeRoom(for member: Version1Member) {
        let share = max(1, maximum / members.count)
        for looked in 1...Self.mostLookedAt {
            // Nothing may hold the queue while it changes, or it is copied.
            let isBeyondShare = members[member, default: Member()].count > share
            guard isBeyondShare || members[member, default: Member()].isMostlyStale,
                let oldest = members[member]?.queue.popFirst()
            else { return }
            guard let index = owners.index(forKey: oldest.session),
                owners.values[index].announcement == oldest.number
            else { continue }
            if isBeyondShare, !owners.values[index].isRecent || looked == Self.mostLookedAt {
                removeOwner(at: index)
                forgotten += 1
            } else {
                if isBeyondShare { owners.values[index].isRecent = false }
                members[member]?.queue.append(oldest)
            }
        }
    }
}
