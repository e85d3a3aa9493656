import CLinux
import Glibc

/// A thread that ends by itself.
enum DetachedThread {
    /// Starts a thread that runs `body`.
    ///
    /// - Parameter name: as the system's tools show it, at most 15 bytes.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemRefusal) {
        let reference = unsafe Unmanaged.passRetained(Task(name: name, body: body))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Task>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, reference.toOpaque())
        guard code == 0 else {
            unsafe reference.release()
            throw SystemRefusal("start", "a thread for \(name)", code: code)
        }
        pthread_detach(thread)
    }

    private final class Task: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            unsafe clinux_name_thread(String(name.prefix(15)))
            body()
        }
    }
}
