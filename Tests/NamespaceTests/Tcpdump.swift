import Foundation
import Glibc

/// tcpdump on the online host, which records what passes a filter.
struct Tcpdump {
    let file: String
    private let process: HostProcess
    private let lab: Lab

    private static let isMarker = "udp dst port 9"
    private static let marker = "this is the end"

    /// Returns once it captures.
    init(_ filter: String, in lab: Lab) async throws {
        let file = "\(lab.folder)/recorded.pcap"
        let process = try lab.start(
            on: "online", ["tcpdump", "-i", "eth0", "-U", "-Z", "root", "-w", file, "\(filter) or \(Self.isMarker)"],
            label: "tcpdump")
        try await eventually("tcpdump captures") { process.packetSockets > 0 }
        (self.file, self.process, self.lab) = (file, process, lab)
    }

    /// Ends it once it has written a last datagram: it would leave what still waits in its ring.
    func end() async throws {
        try await lab.run(
            on: "client",
            ["bash", "-c", "echo '\(Self.marker)' > /dev/udp/\(try await lab.address(of: "online"))/9"])
        try await eventually("tcpdump has written all") {
            try Data(contentsOf: URL(filePath: file)).range(of: Data(Self.marker.utf8)) != nil
        }
        try await process.stop(SIGINT)
    }
}
