import Wire

/// A frame as the capture lends it: valid until the call that received it returns.
public struct CapturedFrame: ~Escapable {
    /// The captured bytes from the link-layer header on.
    public let bytes: RawSpan
    /// Bytes on the wire; more than `bytes` holds when the snapshot length cut the frame.
    public let wireLength: Int
    /// Nanoseconds since the epoch, by the wall clock.
    public let timestamp: Int64
    /// Whether this host sent it; nil where the capture can't tell.
    public let isOutgoing: Bool?

    @_lifetime(copy bytes)
    public init(bytes: RawSpan, wireLength: Int, timestamp: Int64, isOutgoing: Bool? = nil) {
        self.bytes = bytes
        self.wireLength = wireLength
        self.timestamp = timestamp
        self.isOutgoing = isOutgoing
    }
}
