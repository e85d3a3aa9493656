/// Why a side closes the connection.
public enum RelayFarewell: UInt8, Equatable, Sendable, CaseIterable {
    /// The program stops.
    case stopping = 1
    /// A newer connection of the same tcpcopy has taken this one's place.
    case replaced = 2
    /// More tcpcopy hosts are connected than intercept serves.
    case full = 3
}

extension RelayFarewell: CustomStringConvertible {
    public var description: String {
        switch self {
        case .stopping: "it stops"
        case .replaced: "a newer connection took this one's place"
        case .full: "it serves no more tcpcopy hosts"
        }
    }
}
