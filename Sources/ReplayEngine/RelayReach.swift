/// How much of what the targets answer is relayed, as far as is known.
public enum RelayReach: Equatable, Sendable {
    /// Every assistant that ever relayed does.
    case whole
    /// Some do, others are away.
    case partial
    /// All are away.
    case none
}
