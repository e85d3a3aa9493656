import Foundation
import Testing

extension Namespaces {
    @Suite struct InjectionCalls {
        /// What strace shows of a frame's way into the kernel, which no other injector's call looks like.
        private func isCall(_ injection: Replay.Injection, _ line: Substring) -> Bool {
            switch injection {
            // send() on pcap's packet socket: the kernel sees a sendto without an address.
            case .pcap: line.contains(/sendto\(\d+<(PACKET|socket):.*, NULL, 0\) = \d+/)
            // libnet names the interface with each frame.
            case .libnet: line.contains(/sendto\(\d+<(PACKET|socket):.*\{sa_family=AF_PACKET.* = \d+/)
            case .packet: line.contains(/sendmmsg\(\d+<(PACKET|socket):.* = \d+/)
            case .raw: line.contains(/sendmmsg\(\d+<(RAW|socket):.*sa_family=AF_INET.* = \d+/)
            }
        }

        @Test(arguments: Replay.Injection.allCases)
        func `each way of injection sends by its own system call`(injection: Replay.Injection) async throws {
            try await Lab.with { lab in
                _ = try await WebServer(on: "online", port: 80, in: lab)
                let target = try await WebServer(on: "target", port: 8080, in: lab)
                try await lab.divert(port: 8080)
                let transfer = "80-\(try await lab.address(of: "target")):8080"
                let replay = try await Replay(transfer, in: lab, injection: injection)
                let trace = "\(lab.folder)/strace"
                let strace = try lab.start(
                    on: "online",
                    [
                        "strace", "-f", "-yy", "-e", "trace=sendto,sendmsg,sendmmsg", "-o", trace, "-p",
                        "\(replay.tcpcopy.identifier)",
                    ], label: "strace")
                try await strace.prints("attached")
                try await WebLoad(url: try await lab.onlineURL(), rate: 100, seconds: 1).run(in: lab)
                try await target.receives(100)
                try await strace.stop()
                try await replay.finish().expectAllAnswered(100)
                let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
                for way in Replay.Injection.allCases {
                    let count = lines.count { isCall(way, $0) }
                    if way == injection {
                        #expect(count > 0, "\(way) did not send by its own call")
                    } else {
                        #expect(count == 0, "\(injection) sent by \(way)'s call")
                    }
                }
            }
        }
    }
}
