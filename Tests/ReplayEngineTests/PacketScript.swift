import Testing
import Wire

@testable import ReplayEngine

/// A scenario in packetdrill's manner with three actors: what was `captured` of the client, what tcpcopy `injected`, and
/// what intercept `relayed`; and a fourth where the capture holds the `online` server's half too. Lines:
///
/// ```
/// captured  P.  1001:1101(100) ack 9001 win 502 <mss 1460,wscale 7>   // a comment
/// injected  P.  1001:1101(100) ack 7001
/// relayed@40001 S. 7000:7000(0) ack 1001         // of the client with port 40001; 40000 where none is named
/// online    P.  9001:9301(300) ack 1101
/// captured  P.  1001:1101(100) ack 9001 cut 40   // capture kept the first 40 bytes
/// injected  P.  5001:5101(100) bytes 1001        // the client's numbers of the payload, where they differ
/// +20ms
/// recorded  20ms         // a recording has come so far, by its own clock
/// ledger    answered 1 failed.captureHole 1 sessions.answered 1
/// event     targetSilent held 2
/// announcing on          announced@40000   granted@40000   refused@40000   released@40000
/// sessions 1    payload 0    stop    end    round    give-up
/// ```
/// An injected line is compared in what it names; what the engine injects and the script lacks is a failure. Payload
/// bytes are derived from their position in the client's numbers and checked on the way out. At the end the ledger
/// balances.
enum PacketScript {
    static let clientAddress = IPAddress(v4: 0x0a00_0001)
    static let online = Endpoint(IPAddress(v4: 0x0a00_0002), 80)
    static let target = Endpoint(IPAddress(v4: 0x0a00_0003), 8080)

    static func settings(_ change: (inout ReplaySettings) -> Void = { _ in }) -> ReplaySettings {
        var settings = ReplaySettings(
            transfers: [Transfer(onlineAddresses: [online.address], onlinePort: online.port, target: target)])
        change(&settings)
        return settings
    }

    /// The packet that carries a segment, with the pattern's bytes.
    static func packet(_ header: SegmentHeader) -> [UInt8] {
        var batch = PacketBatch(byteCapacity: header.payloadLength + 200, packetCapacity: 1)
        batch.begin(header, target: 0)
        batch.append(PayloadPattern.bytes(at: header.sequence, count: header.payloadLength).rawSpan)
        batch.end()
        return [UInt8](copying: batch.packet(0))
    }

    /// Plays the script, which begins at second 1000 of the clock, and records what differs.
    static func run(
        _ text: String, settings: ReplaySettings = settings(), startedAt: Interval = .zero,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var player = ScriptPlayer(
            settings: settings, startedAt: Instant.zero + startedAt, sourceLocation: sourceLocation)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            player.play(String(line.prefix(upTo: line.firstRange(of: "//")?.lowerBound ?? line.endIndex)))
        }
        player.finish()
    }
}

/// The lines of a handshake that most scripts begin with.
let handshake = """
    captured  S   1000:1000(0)              win 64240 <mss 1460,sackOK,wscale 7>
    injected  S   1000:1000(0)              win 65535 <mss 1460,sackOK,wscale 7>
    relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460,sackOK,wscale 7>
    injected  .   1001:1001(0)   ack 7001   win 65535
    captured  .   1001:1001(0)   ack 9001   win 502

    """

/// The same, with a first request and its answer.
let firstExchange =
    handshake + """
        captured  P.  1001:1101(100) ack 9001
        injected  P.  1001:1101(100) ack 7001
        relayed   P.  7001:7301(300) ack 1101   win 500
        captured  .   1101:1101(0)   ack 9301
        +50ms
        injected  .   1101:1101(0)   ack 7301

        """

/// Bytes that tell their own position, so that a misplaced one is seen.
enum PayloadPattern {
    static func byte(at position: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: (position &* 2_654_435_761) >> 24) }

    static func bytes(at start: SequenceNumber, count: Int) -> [UInt8] {
        (0..<count).map { byte(at: start.advanced(by: $0).rawValue) }
    }
}
