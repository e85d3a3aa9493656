import Dispatch
import Glibc
import Synchronization

/// What an operator asks of a running program through signals.
///
/// SIGINT or SIGTERM asks it to stop; the second of them ends it at once, with the status a shell gives to that signal.
/// SIGUSR1 asks for the ledger. SIGHUP opens the log file anew. SIGPIPE is ignored. All of it holds while this lives.
public final class Signals {
    /// What a signal asks for.
    public enum Request: Sendable { case stop, report }

    private let queue = DispatchQueue(label: "signals")
    private let sources: [any DispatchSourceSignal]

    /// Requests arrive one after the other on a queue of their own. From the return on no signal is missed.
    public init(console: Console, _ handle: @escaping @Sendable (Request) -> Void) {
        signal(SIGPIPE, SIG_IGN)
        let stop = Stop(handle)
        sources = [
            Self.source(SIGINT, queue) { stop.request(SIGINT) },
            Self.source(SIGTERM, queue) { stop.request(SIGTERM) },
            Self.source(SIGUSR1, queue) { handle(.report) },
            Self.source(SIGHUP, queue) { console.reopen() },
        ]
    }

    private static func source(
        _ number: Int32, _ queue: DispatchQueue, _ handle: @escaping @Sendable () -> Void
    ) -> any DispatchSourceSignal {
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler(handler: handle)
        // Until it is registered, on a thread of Dispatch's own, the signal would still end the process.
        let registered = DispatchSemaphore(value: 0)
        source.setRegistrationHandler { registered.signal() }
        source.resume()
        registered.wait()
        return source
    }
}

/// The wish to stop: told once; said again, it is not waited for.
private final class Stop: Sendable {
    private let requested = Atomic(false)
    private let handle: @Sendable (Signals.Request) -> Void

    init(_ handle: @escaping @Sendable (Signals.Request) -> Void) { self.handle = handle }

    func request(_ number: Int32) {
        guard !requested.exchange(true, ordering: .relaxed) else { _exit(128 + number) }
        handle(.stop)
    }
}
