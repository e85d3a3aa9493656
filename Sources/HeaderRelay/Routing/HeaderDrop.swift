/// Why a captured response header was not relayed.
public enum HeaderDrop: Int, CaseIterable, Sendable {
    /// No tcpcopy has asked for it.
    case unasked
    /// Several may have asked for it, and none of them has announced its session.
    case unowned
    /// Its owner could not be told yet, and as many headers as allowed were already waiting for theirs.
    case holdFull
    /// The tcpcopy it belongs to has lost its connection.
    case ownerAway
    /// The tcpcopy it belongs to does not read as fast as headers come.
    case slowSubscriber
}
