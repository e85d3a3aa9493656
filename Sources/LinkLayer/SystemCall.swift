import CLinux
import Glibc

/// The one place that looks at errno: every system call goes through `perform`.
enum SystemCall {
    enum Outcome {
        /// What the call returned.
        case done(Int)
        /// EAGAIN or ENOBUFS: the same call may succeed a moment later.
        case busy(Int32)
        /// Any other errno.
        case refused(Int32)
    }

    static let notPermitted = EPERM
    static let accessDenied = EACCES

    /// Runs `call`, again as long as signals interrupt it.
    @inline(__always)
    static func perform(_ call: () -> Int) -> Outcome {
        while true {
            let result = call()
            guard result < 0 else { return .done(result) }
            switch errno {
            case EINTR: continue
            case let code where code == EAGAIN || code == ENOBUFS: return .busy(code)
            case let code: return .refused(code)
            }
        }
    }

    /// Runs `call` and throws what it was refused with.
    @discardableResult
    static func require(
        _ operation: @autoclosure () -> String, _ subject: @autoclosure () -> String, _ call: () -> Int
    ) throws(SystemRefusal) -> Int {
        switch perform(call) {
        case .done(let result): return result
        case .busy(let code), .refused(let code): throw SystemRefusal(operation(), subject(), code: code)
        }
    }

    /// The system's words for an errno.
    static func text(of code: Int32) -> String { unsafe String(cString: strerror(code)) }

    /// An errno's symbolic name, as operators search for it: `EPERM`.
    static func name(of code: Int32) -> String {
        unsafe clinux_error_name(code).map { unsafe String(cString: $0) } ?? "errno \(code)"
    }

    /// Waits until one of `events` is true of `descriptor`, or the time is over.
    static func wait(for events: Int32, on descriptor: Int32, milliseconds: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard case .done(1...) = perform({ unsafe Int(poll(&request, 1, milliseconds)) }) else { return false }
        return true
    }
}
