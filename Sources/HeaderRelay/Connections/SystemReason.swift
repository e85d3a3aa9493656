import Glibc
import NIOCore
import NIOPosix

/// One line for an error that SwiftNIO reports, without its internals.
func systemReason(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
        guard let first = error.connectionErrors.first else { return "its name is not known" }
        return systemReason(first.error)
    case let error as IOError: return reason(ofErrno: error.errnoCode) ?? error.description
    case ChannelError.connectTimeout: return "no answer"
    default: return String(describing: error)
    }
}

private func reason(ofErrno number: CInt) -> String? {
    switch number {
    case ECONNREFUSED: "connection refused"
    case ECONNRESET: "connection reset"
    case EPIPE: "connection closed"
    case ETIMEDOUT: "no answer"
    case EHOSTUNREACH: "no route to the host"
    case ENETUNREACH: "network unreachable"
    case EADDRINUSE: "the port is in use"
    case EADDRNOTAVAIL: "no such address on this host"
    case EACCES, EPERM: "not permitted"
    case EMFILE, ENFILE: "too many open files"
    default: nil
    }
}
