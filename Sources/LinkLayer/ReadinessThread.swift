import CLinux
import Glibc

/// A thread that waits until a descriptor is readable, asks for the work to be done, and waits again.
///
/// An event loop can't wait for libpcap's descriptor itself; this thread waits in its stead, and the work it asks for
/// is handed to the loop, so that frames are lent from the ring without a copy.
public enum ReadinessThread {
    /// What to do after the work.
    public enum Next: Sendable {
        /// Wait until the descriptor is readable again.
        case wait
        /// Look again after so many microseconds: when busy, one nap is cheaper than a wake-up for each frame.
        case nap(UInt32)
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
        let waiter = Waiter(name: name, descriptor: descriptor, idleMilliseconds: idleMilliseconds, work: work)
        let reference = unsafe Unmanaged.passRetained(waiter)
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Waiter>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, reference.toOpaque())
        guard code == 0 else {
            unsafe reference.release()
            throw SystemRefusal("start", "a thread for \(name)", code: code)
        }
        pthread_detach(thread)
    }

    private final class Waiter: Sendable {
        let name: String
        let descriptor: Int32
        let idleMilliseconds: Int32
        let work: @Sendable () -> Next

        init(name: String, descriptor: Int32, idleMilliseconds: Int32, work: @escaping @Sendable () -> Next) {
            self.name = name
            self.descriptor = descriptor
            self.idleMilliseconds = idleMilliseconds
            self.work = work
        }

        func run() {
            unsafe clinux_name_thread(String(name.prefix(15)))
            while true {
                _ = SystemCall.wait(for: POLLIN, on: descriptor, milliseconds: idleMilliseconds)
                asking: while true {
                    switch work() {
                    case .wait: break asking
                    case .nap(let microseconds): usleep(microseconds)
                    case .end: return
                    }
                }
            }
        }
    }
}
