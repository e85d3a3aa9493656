import Testing
import Wire

@testable import ReplayEngine

/// A scenario in packetdrill's manner with three actors: what was `captured` of the client, what tcpcopy `injected`, and
/// what intercept `relayed`. Lines:
///
/// ```
/// captured  P.  1001:1101(100) ack 9001 win 502 <mss 1460,wscale 7>   // a comment
/// injected  P.  1001:1101(100) ack 7001
/// +20ms
/// ledger    answered 1
/// ```
/// An injected line is compared in what it names; what the engine injects and the script lacks is a failure. Payload
/// bytes are derived from their position in the client's numbers and checked on the way out.
struct PacketScript {
    static let client = Endpoint(IPAddress(v4: 0x0a00_0001), 40000)
    static let online = Endpoint(IPAddress(v4: 0x0a00_0002), 80)
    static let target = Endpoint(IPAddress(v4: 0x0a00_0003), 8080)

    static func settings() -> ReplaySettings {
        ReplaySettings(transfers: [Transfer(onlineAddresses: [online.address], onlinePort: online.port, target: target)])
    }

    /// Plays the script and records what differs.
    ///
    /// - Parameter payloadShift: how far the injected payload's position lies behind the injected number, when the
    ///   connection is not the session's first.
    static func run(
        _ text: String, settings: ReplaySettings = settings(), sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var player = ScriptPlayer(settings: settings, sourceLocation: sourceLocation)
        for line in text.split(separator: "\n") {
            let line = line.prefix(upTo: line.firstRange(of: "//")?.lowerBound ?? line.endIndex)
            let words = line.split(separator: " ").map(String.init)
            if !words.isEmpty { player.play(words) }
        }
        player.finish()
    }
}

private struct ScriptPlayer: ~Copyable {
    private var replayer: Replayer
    private var batch = PacketBatch()
    private var injected: [(header: SegmentHeader, payload: [UInt8])] = []
    private var now = Instant.zero + .seconds(1000)
    private var lineNumber = 0
    private let sourceLocation: SourceLocation

    init(settings: ReplaySettings, sourceLocation: SourceLocation) {
        replayer = Replayer(settings: settings, now: Instant.zero)
        self.sourceLocation = sourceLocation
    }

    mutating func play(_ words: [String]) {
        lineNumber += 1
        if words[0] != "injected" { expectNothingInjected(before: words.joined(separator: " ")) }
        switch words[0] {
        case "captured": capture(segment(words, from: PacketScript.client, to: PacketScript.online))
        case "relayed":
            replayer.handleRelayed(
                segment(words, from: PacketScript.target, to: PacketScript.client), now: now)
        case "injected": expect(words)
        case "ledger": expectLedger(words)
        case "stop": replayer.beginStop()
        case "end": replayer.endAll(now: now)
        default: advance(words[0])
        }
        poll()
    }

    mutating func finish() {
        expectNothingInjected(before: "the end")
        #expect(
            replayer.ledgers[0].balances, "the ledger balances: \(replayer.ledgers[0])", sourceLocation: sourceLocation)
    }

    private mutating func poll() {
        var more = true
        while more {
            more = replayer.pollPackets(into: &batch, now: now)
            for index in 0..<batch.count {
                let bytes = [UInt8](copying: batch.packet(index))
                do throws(WireError) {
                    let segment = try TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: bytes.count)
                    injected.append((segment.header, [UInt8](copying: segment.payload)))
                } catch { fail("injected a packet that can't be read: \(error)") }
            }
            batch.removeAll()
        }
    }

    private mutating func capture(_ header: SegmentHeader) {
        let payload = PayloadPattern.bytes(at: header.sequence, count: header.payloadLength)
        var packet = PacketBatch(byteCapacity: header.payloadLength + 200, packetCapacity: 1)
        packet.begin(header, target: 0)
        packet.append(payload.rawSpan)
        packet.end()
        let bytes = [UInt8](copying: packet.packet(0))
        do throws(WireError) {
            let segment = try TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: bytes.count)
            replayer.handleCaptured(segment, capturedAt: now, now: now)
        } catch { fail("the script's segment can't be read: \(error)") }
    }

    /// Steps through every deadline, as a program would.
    private mutating func advance(_ word: String) {
        let digits = word.dropFirst().prefix { $0.isNumber }
        guard word.first == "+", let count = Int64(digits) else { return fail("unknown line \(word)") }
        let unit = word.dropFirst(1 + digits.count)
        let end = now + (unit == "s" ? .seconds(count) : unit == "ms" ? .milliseconds(count) : .microseconds(count))
        while replayer.nextDeadline <= end {
            #expect(replayer.nextDeadline != .never)
            now = max(now, replayer.nextDeadline)
            replayer.handleTimeout(now: now)
            poll()
        }
        now = end
    }

    private mutating func expect(_ words: [String]) {
        guard !injected.isEmpty else { return fail("nothing was injected for: \(words.joined(separator: " "))") }
        let (actual, payload) = injected.removeFirst()
        let wanted = segment(words, from: PacketScript.client, to: PacketScript.target)
        var shown = actual
        if !words.contains("ack") || !wanted.flags.contains(.ack) { shown.acknowledgement = wanted.acknowledgement }
        if !words.contains("win") { shown.window = wanted.window }
        if !words.contains(where: { $0.hasPrefix("<") }) { shown.options = wanted.options }
        shown.flow = wanted.flow
        if shown != wanted { fail("expected \(wanted.segment), injected \(actual.segment)") }
        if let position = words.firstIndex(of: "bytes"), let from = UInt32(words[position + 1]) {
            if payload != PayloadPattern.bytes(at: SequenceNumber(from), count: payload.count) {
                fail("the payload is not the client's from \(from) on")
            }
        } else if payload != PayloadPattern.bytes(at: actual.sequence, count: payload.count) {
            fail("the payload is not the client's: \(actual.segment)")
        }
    }

    private mutating func expectNothingInjected(before line: String) {
        for extra in injected { fail("before “\(line)”: injected \(extra.header.segment), which the script lacks") }
        injected = []
    }

    /// `ledger answered 1 inFlight 0 failed.captureHole 1 reopenings 0 sessions.answered 1`
    private func expectLedger(_ words: [String]) {
        let ledger = replayer.ledgers[0]
        for pair in stride(from: 1, to: words.count - 1, by: 2) {
            let name = words[pair]
            let account = name.hasPrefix("sessions.") ? ledger.sessions : ledger.exchanges
            let field = name.hasPrefix("sessions.") ? String(name.dropFirst(9)) : name
            let actual: Int
            switch field {
            case "captured": actual = account.captured
            case "answered": actual = account.answered
            case "inFlight": actual = account.inFlight
            case "failed": actual = account.failed
            case "shed": actual = account.shed
            case "reopenings": actual = ledger.reopenings
            case "retransmissions": actual = ledger.retransmissions
            case "releasedUnanswered": actual = ledger.releasedUnanswered
            default:
                guard let reason = FailureReason.allCases.first(where: { "failed.\($0)" == field }) else {
                    return fail("unknown figure \(field)")
                }
                actual = account[failed: reason]
            }
            if actual != Int(words[pair + 1]) { fail("\(name) is \(actual), expected \(words[pair + 1])") }
        }
    }

    private func segment(_ words: [String], from source: Endpoint, to destination: Endpoint) -> SegmentHeader {
        var header = SegmentHeader(
            flow: Flow(from: source, to: destination), sequence: SequenceNumber(0), flags: TCPFlags(words[1]) ?? [],
            window: 502)
        let range = words[2].split { ":()".contains($0) }
        header.sequence = SequenceNumber(UInt32(range[0]) ?? 0)
        header.payloadLength = Int(range[2]) ?? 0
        for (index, word) in words.enumerated() {
            if word == "ack" { header.acknowledgement = SequenceNumber(UInt32(words[index + 1]) ?? 0) }
            if word == "win" { header.window = UInt16(words[index + 1]) ?? 0 }
        }
        let line = words.joined(separator: " ")
        if let start = line.firstIndex(of: "<"), let end = line.firstIndex(of: ">") {
            read(String(line[line.index(after: start)..<end]), into: &header.options)
        }
        return header
    }

    private func read(_ text: String, into options: inout TCPOptions) {
        for option in text.split(separator: ",") {
            let words = option.split(separator: " ")
            switch words[0] {
            case "mss": options.maximumSegmentSize = UInt16(words[1])
            case "wscale": options.windowScale = UInt8(words[1])
            case "sackOK": options.sackPermitted = true
            case "TS":
                options.timestamps = TCPTimestamps(value: UInt32(words[2]) ?? 0, echo: UInt32(words[4]) ?? 0)
            case "sack":
                let ends = words[1].split(separator: ":").map { SequenceNumber(UInt32($0) ?? 0) }
                options.sackBlocks.append(SequenceRange(ends[0], ends[1]))
            default: fail("unknown option \(option)")
            }
        }
    }

    private func fail(_ text: String) {
        Issue.record("line \(lineNumber): \(text)", sourceLocation: sourceLocation)
    }
}

/// Bytes that tell their own position, so that a misplaced one is seen.
enum PayloadPattern {
    static func byte(at position: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: (position &* 2_654_435_761) >> 24) }

    static func bytes(at start: SequenceNumber, count: Int) -> [UInt8] {
        (0..<count).map { byte(at: start.advanced(by: $0).rawValue) }
    }
}
