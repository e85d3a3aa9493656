import Glibc
import NIOCore

extension Channel {
    /// Lets the kernel find out that the other side is gone, for a protocol without signs of life.
    ///
    /// Sources: tcp(7), TCP_KEEPIDLE and the like; RFC 5482 for the user timeout.
    func probeWhenSilent() {
        let limit = Int(RelayProtocol.silenceLimit.nanoseconds / 1_000_000)
        let options: [(ChannelOptions.Types.SocketOption, Int)] = [
            (.socketOption(.so_keepalive), 1),
            (.tcpOption(.init(rawValue: TCP_KEEPIDLE)), 2),
            (.tcpOption(.init(rawValue: TCP_KEEPINTVL)), 2),
            (.tcpOption(.init(rawValue: TCP_KEEPCNT)), 3),
            (.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), limit),
        ]
        for (option, value) in options { setOption(option, value: value).assumeIsolated().whenFailure { _ in } }
    }
}
