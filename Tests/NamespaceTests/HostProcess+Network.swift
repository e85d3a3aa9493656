import Foundation

/// What the kernel tells of the network stack that a process lives in, without starting another process there.
extension HostProcess {
    struct Socket: Equatable {
        let localPort: Int
        let remotePort: Int
        let state: State

        /// As /proc/net/tcp numbers them.
        enum State: Int {
            case established = 1, synSent, synReceived, finWait1, finWait2, timeWait, close, closeWait, lastAck, listen
            case closing, newSynReceived
        }
    }

    /// The TCP sockets of both families on the process's host.
    var sockets: [Socket] {
        ["tcp", "tcp6"].flatMap { table in
            rows(of: table).compactMap { row in
                guard row.count > 3, let local = port(row[1]), let remote = port(row[2]),
                    let state = Int(row[3], radix: 16).flatMap(Socket.State.init)
                else { return nil }
                return Socket(localPort: local, remotePort: remote, state: state)
            }
        }
    }

    /// How many packet sockets are open on the process's host: each capture and each frame injector has at least one.
    var packetSockets: Int { rows(of: "packet").count }

    /// Packets received on the host's interface so far.
    var receivedPackets: Int {
        rows(of: "dev").first { $0.first == "eth0:" }.flatMap { $0.count > 2 ? Int($0[2]) : nil } ?? 0
    }

    /// Waits until a socket on the process's host listens on `port`; throws at once when the process ends.
    func listens(on port: Int) async throws {
        try await eventually("'\(command)' listens on port \(port); it printed:\n\(output.suffix(2000))") {
            guard isRunning else { throw NeverHappened(description: "'\(command)' ended:\n\(output.suffix(2000))") }
            return sockets.contains { $0.state == .listen && $0.localPort == port }
        }
    }

    /// Waits until UDP sockets of both families on the process's host are bound to `port`; throws at once when the process
    /// ends.
    func takesDatagrams(on port: Int) async throws {
        try await eventually("'\(command)' is bound to UDP port \(port); it printed:\n\(output.suffix(2000))") {
            guard isRunning else { throw NeverHappened(description: "'\(command)' ended:\n\(output.suffix(2000))") }
            return ["udp", "udp6"].allSatisfy { table in
                rows(of: table).contains { $0.count > 1 && self.port($0[1]) == port }
            }
        }
    }

    private func rows(of table: String) -> [[Substring]] {
        // Read to the end by hand: a file of /proc says that it is empty, and a reader that believes it may stop early.
        let file = FileHandle(forReadingAtPath: "/proc/\(identifier)/net/\(table)")
        let text = String(decoding: (try? file?.readToEnd()) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
    }

    private func port(_ address: Substring) -> Int? {
        address.split(separator: ":").last.flatMap { Int($0, radix: 16) }
    }
}
