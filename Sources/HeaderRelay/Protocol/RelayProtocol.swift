import NIOCore

/// The numbers both sides of the relay agree on; docs/relay-protocol.md describes the layouts.
public enum RelayProtocol {
    /// The version that this build speaks; it stands in the preamble.
    public static let version: UInt8 = 2
    /// The TCP port of intercept where none is given.
    public static let defaultPort: UInt16 = 36524

    /// Bytes of the longest message, its head included. Anything longer is a fault of the sender.
    static let maximumMessageLength = 57_344
    /// Flows in one announcement, grant, refusal or release; longer lists go out in several messages.
    static let flowsPerMessage = 1_024
    /// A payload beyond this is no TCP segment, not even with the largest offload (IPv6 jumbograms of "BIG TCP").
    static let maximumPayloadLength: UInt32 = 1 << 24

    /// A side that has sent nothing for this long says that it is alive.
    static let aliveInterval = TimeAmount.seconds(1)
    /// How often both are looked at.
    static let tickInterval = TimeAmount.seconds(1)
    /// A side that is not heard for this long may be out of reach. Shorter than a replay waits for an answer before it goes
    /// on without (`TurnGate.patience`).
    static let silenceNotice = TimeAmount.seconds(3)
    /// A connection on which nothing was heard for this long is dead.
    static let silenceLimit = TimeAmount.seconds(8)
    /// More milliseconds of patience than this count as so many.
    static let longestPatience: UInt8 = 10
}
