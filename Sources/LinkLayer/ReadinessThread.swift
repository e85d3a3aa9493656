import Glibc

/// A thread that waits until a descriptor is readable, asks for the work to be done, and waits again: for what an event
/// loop can't wait for, and what may block.
public enum ReadinessThread {
    /// What to do after the work.
    public enum Next: Sendable {
        /// Wait until the descriptor is readable again.
        case wait
        /// Ask again at once.
        case again
        /// End the thread.
        case end
    }

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: as the system's tools show it, at most 15 bytes.
    ///   - descriptor: must stay open until `work` has returned `.end`.
    ///   - idleMilliseconds: how long to wait at most: then `work` is asked for although nothing is readable.
    ///   - work: called on the thread; may block.
    public static func start(
        name: String, descriptor: Int32, idleMilliseconds: Int32 = 500, work: @escaping @Sendable () -> Next
    ) throws(SystemRefusal) {
        try DetachedThread.start(name: name) {
            while true {
                _ = SystemCall.wait(for: POLLIN, on: descriptor, milliseconds: idleMilliseconds)
                asking: while true {
                    switch work() {
                    case .wait: break asking
                    case .again: continue
                    case .end: return
                    }
                }
            }
        }
    }
}
