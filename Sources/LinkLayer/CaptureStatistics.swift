/// What became of the frames that passed a capture's filter, counted by the kernel since it was opened.
public struct CaptureStatistics: Equatable, Sendable {
    /// Frames that passed the filter.
    public var received = 0
    /// Of these, frames lost because the ring was full.
    public var kernelDrops = 0
    /// Frames that the interface or its driver lost, where it counts them.
    public var interfaceDrops = 0

    public init() {}

    /// Adds what 32-bit counters, which go round, have grown by.
    mutating func add(received: UInt32, kernelDrops: UInt32, interfaceDrops: UInt32) {
        self.received += Int(received &- UInt32(truncatingIfNeeded: self.received))
        self.kernelDrops += Int(kernelDrops &- UInt32(truncatingIfNeeded: self.kernelDrops))
        self.interfaceDrops += Int(interfaceDrops &- UInt32(truncatingIfNeeded: self.interfaceDrops))
    }
}
