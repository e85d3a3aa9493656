/// The two numbers of the Timestamps option (RFC 7323, section 3.2).
public struct TCPTimestamps: Hashable, Sendable {
    /// TSval: the sender's clock.
    public var value: UInt32
    /// TSecr: the number of the other side that is echoed.
    public var echo: UInt32

    @inlinable public init(value: UInt32, echo: UInt32) {
        self.value = value
        self.echo = echo
    }
}
