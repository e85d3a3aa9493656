import Testing
import Wire

@testable import ReplayEngine

/// Plays a packet script against an engine.
struct ScriptPlayer: ~Copyable {
    private var replayer: Replayer
    private var batch = PacketBatch()
    private var injected: [(header: SegmentHeader, payload: [UInt8])] = []
    private var events: [ReplayEvent] = []
    private var announced: [Flow] = []
    private var released: [Flow] = []
    private var now = Instant.zero + .seconds(1000)
    private var lineNumber = 0
    private let sourceLocation: SourceLocation

    /// Deadlines that one second may bring: far more than any timer of a handful of sessions needs.
    private static let deadlinesPerSecond: Int64 = 200

    init(settings: ReplaySettings, startedAt: Instant, sourceLocation: SourceLocation) {
        replayer = Replayer(settings: settings, now: startedAt)
        self.sourceLocation = sourceLocation
    }

    mutating func play(_ text: String) {
        lineNumber += 1
        guard let line = ScriptLine(text) else { return }
        if line.verb != "injected" { expectNothingInjected(before: line.text) }
        switch line.verb {
        case "captured": capture(line, line.segment(from: line.client, to: PacketScript.online))
        case "online": capture(line, line.segment(from: PacketScript.online, to: line.client))
        case "relayed":
            guard let header = line.segment(from: PacketScript.target, to: line.client) else { return unreadable(line) }
            replayer.handleRelayed(header, now: now)
        case "injected": expect(line)
        case "ledger": expectLedger(line)
        case "event": expectEvent(line)
        case "sessions": expect(replayer.liveSessions, is: line.words[1], "sessions")
        case "listening":
            let isListening = replayer.isListening(now: now)
            if isListening != (line.words[1] == "yes") { fail("listening: \(isListening)") }
        case "payload": expect(replayer.payloadInUse, is: line.words[1], "payload in use")
        case "announcing": replayer.setAnnouncing(line.words[1] == "on")
        case "announced": announced = expect(line.replayFlow, among: announced, "announced")
        case "released": released = expect(line.replayFlow, among: released, "released")
        case "granted": replayer.handleGranted(line.replayFlow, now: now)
        case "refused": replayer.handleRefused(line.replayFlow, now: now)
        case "reach":
            guard let reach = Self.reaches[line.words[1]] else { return unreadable(line) }
            replayer.handleRelayReach(reach, now: now)
        case "recorded":
            guard let interval = ScriptLine.interval(line.words[1]) else { return unreadable(line) }
            replayer.followCapture(to: .zero + interval, now: now)
        case "give-up": replayer.giveUpHoles(now: now)
        case "stop": replayer.beginStop()
        case "round": replayer.handleEndOfCapture(capturedAt: now, now: now)
        case "end": replayer.endAll(now: now)
        default:
            guard let interval = line.interval else { return unreadable(line) }
            advance(by: interval)
        }
        poll()
    }

    private static let reaches: [String: RelayReach] = ["whole": .whole, "partial": .partial, "none": .none]

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
        events += replayer.pollEvents()
        announced += replayer.pollAnnouncements()
        released += replayer.pollReleases()
    }

    private mutating func capture(_ line: ScriptLine, _ header: SegmentHeader?) {
        guard let header else { return unreadable(line) }
        var bytes = PacketScript.packet(header)
        let wireLength = bytes.count
        if let kept = line.number(after: "cut") { bytes.removeLast(header.payloadLength - kept) }
        do throws(WireError) {
            let segment = try TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: wireLength)
            replayer.handleCaptured(segment, capturedAt: now, now: now)
        } catch { fail("the script's segment can't be read: \(error)") }
    }

    /// Steps through every deadline, as a program would.
    private mutating func advance(by interval: Interval) {
        let end = now + interval
        var left = Self.deadlinesPerSecond * (interval.nanoseconds / 1_000_000_000 + 1)
        while replayer.nextDeadline <= end {
            left -= 1
            guard left > 0 else {
                now = end
                return fail("the engine spins")
            }
            now = max(now, replayer.nextDeadline)
            replayer.handleTimeout(now: now)
            poll()
        }
        now = end
    }
}

// What the script expects.
extension ScriptPlayer {
    private mutating func expect(_ line: ScriptLine) {
        guard let wanted = line.segment(from: line.client, to: PacketScript.target) else { return unreadable(line) }
        guard !injected.isEmpty else { return fail("nothing was injected for: \(line.text)") }
        let (actual, payload) = injected.removeFirst()
        var shown = actual
        if line.number(after: "ack") == nil { shown.acknowledgement = wanted.acknowledgement }
        if line.number(after: "win") == nil { shown.window = wanted.window }
        if !line.text.contains("<") { shown.options = wanted.options }
        if shown != wanted { fail("expected \(wanted), injected \(actual)") }
        let from = line.number(after: "bytes").map { SequenceNumber(UInt32($0)) } ?? actual.sequence
        if payload != PayloadPattern.bytes(at: from, count: payload.count) {
            fail("the payload is not the client's from \(from) on: \(actual)")
        }
    }

    private mutating func expectNothingInjected(before line: String) {
        for extra in injected { fail("before “\(line)”: injected \(extra.header), which the script lacks") }
        injected = []
    }

    /// `ledger answered 1 inFlight 0 failed.captureHole 1 reopenings 0 sessions.answered 1`
    private func expectLedger(_ line: ScriptLine) {
        for pair in stride(from: 1, to: line.words.count - 1, by: 2) {
            let name = line.words[pair]
            guard let figure = figure(name) else { return fail("unknown figure \(name)") }
            expect(figure, is: line.words[pair + 1], name)
        }
    }

    private func figure(_ name: String) -> Int? {
        let ledger = replayer.ledgers[0]
        let account = name.hasPrefix("sessions.") ? ledger.sessions : ledger.exchanges
        let field = name.hasPrefix("sessions.") ? String(name.dropFirst(9)) : name
        switch field {
        case "captured": return account.captured
        case "answered": return account.answered
        case "inFlight": return account.inFlight
        case "failed": return account.failed
        case "shed": return account.shed
        case "reopenings": return ledger.reopenings
        case "retransmissions": return ledger.retransmissions
        case "releasedUnanswered": return ledger.releasedUnanswered
        case "strays": return replayer.ignored.strays
        case "otherDestination": return replayer.ignored.otherDestination
        case "unknownResponses": return replayer.ignored.unknownResponses
        case "afterStop": return replayer.ignored.afterStop
        case "beyondMemory": return replayer.ignored.beyondMemory
        default: break
        }
        if let reason = FailureReason.allCases.first(where: { "failed.\($0)" == field }) {
            return account[failed: reason]
        }
        return ShedReason.allCases.first { "shed.\($0)" == field }.map { account[shed: $0] }
    }

    /// `event targetProven`, `event targetSilent held 2`, `event sessionShed memory`, or `event none`.
    private mutating func expectEvent(_ line: ScriptLine) {
        guard line.words[1] != "none" else {
            for event in events { fail("event \(event), which the script lacks") }
            events = []
            return
        }
        guard !events.isEmpty else { return fail("no event for: \(line.text)") }
        let shown: String
        switch events.removeFirst() {
        case .targetProven: shown = "event targetProven"
        case .targetSilent(_, _, let held): shown = "event targetSilent held \(held)"
        case .sessionShed(_, let reason): shown = "event sessionShed \(reason)"
        }
        if shown != line.text { fail("expected \(line.text), had \(shown)") }
    }

    /// What is left of the flows without the one that is expected among them.
    private func expect(_ flow: Flow, among flows: [Flow], _ name: String) -> [Flow] {
        guard let index = flows.firstIndex(of: flow) else {
            fail("\(flow) was not \(name), only \(flows)")
            return flows
        }
        return Array(flows[..<index] + flows[(index + 1)...])
    }

    private func expect(_ actual: Int, is wanted: String, _ name: String) {
        if actual != Int(wanted) { fail("\(name): \(actual), expected \(wanted)") }
    }

    private func unreadable(_ line: ScriptLine) { fail("a line that can't be read: \(line.text)") }

    private func fail(_ text: String) {
        Issue.record("line \(lineNumber): \(text)", sourceLocation: sourceLocation)
    }
}
