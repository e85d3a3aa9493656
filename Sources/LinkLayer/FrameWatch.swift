import CLinux
import Glibc
import Synchronization

/// A thread that waits for a capture's frames in the stead of an event loop, which can't wait for libpcap's descriptor.
///
/// It calls once when frames wait and then keeps still until it is told to watch again: the loop takes the frames, lent from
/// the ring, and while it does so, or naps, it is woken by no other.
public final class FrameWatch: Sendable {
    private let descriptor: Int32
    private let watch: Descriptor
    private let stopping = Atomic(false)
    private let arrived: @Sendable () -> Void

    /// How long to keep still at most: then it calls although nothing has come, since an interface that was removed is
    /// noticed by looking only.
    private static let idleMilliseconds: Int32 = 500

    /// Starts to watch.
    ///
    /// - Parameters:
    ///   - name: of the thread, as the system's tools show it, at most 15 bytes.
    ///   - capture: what to watch. When it is closed nothing arrives any more; stop the watch then.
    ///   - arrived: called on the thread; shall not block.
    public init(
        name: String, capture: borrowing LiveCapture, arrived: @escaping @Sendable () -> Void
    ) throws(SystemRefusal) {
        self.arrived = arrived
        descriptor = capture.descriptor
        watch = try Descriptor(watching: descriptor, subject: name)
        try DetachedThread.start(name: name) { self.run() }
    }

    /// Calls again when frames wait, at once if some do already.
    public func again() { _ = clinux_watch_again(watch.number, descriptor) }

    /// Calls no more; the thread ends by itself.
    public func stop() { stopping.store(true, ordering: .relaxed) }

    private func run() {
        while !stopping.load(ordering: .relaxed) {
            arrived()
            _ = SystemCall.perform { Int(clinux_watch_wait(watch.number, Self.idleMilliseconds)) }
        }
    }
}
