import NIOCore

/// Why a relay connection ended or could not be made.
public enum RelayLoss: Error, Equatable, Sendable {
    /// No connection came about; the text is the system's reason.
    case unreachable(String)
    /// The other side, or something between, closed it.
    case closed
    /// The other side said why it closed it.
    case farewell(RelayFarewell)
    /// Nothing was heard for longer than the keep-alive allows.
    case silent
    /// The other side sent what it must not.
    case fault(RelayFault)
    /// A tcpcopy of TCPCopy 1.x, which does not say what is to be captured, and this side was not told either.
    case filterMissing
    /// Reading or writing failed; the text is the system's reason.
    case failed(String)
    /// This side stopped.
    case stopped
}

extension RelayLoss: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreachable(let reason): reason
        case .closed: "the other side closed the connection"
        case .farewell(let farewell): "the other side says: \(farewell)"
        case .silent: "nothing was heard for \(RelayProtocol.silenceLimit.nanoseconds / 1_000_000_000) s"
        case .fault(let fault): fault.description
        case .filterMissing:
            "it is a tcpcopy of TCPCopy 1.x, which does not say whose answers to capture: expected with -F only"
        case .failed(let reason): reason
        case .stopped: "stopped"
        }
    }
}
