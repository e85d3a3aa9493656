import Testing
import Wire

@testable import ReplayEngine

/// A scenario of datagrams with three actors, as `PacketScript` has them for TCP. Lines:
///
/// ```
/// captured@40001 100           // of the client with that port; 100 bytes
/// captured@40001 100 cut 40    // capture kept the first 40 bytes
/// captured@40001 100 early 5   // handed over 5 ms before it is due
/// injected@40001 100           // 'injected' alone for whichever port
/// answered@40001
/// +20ms
/// reach    none                // assistants that relay: none, some (partial) or all of them (whole)
/// ledger   answered 1 silent 2 sessions.answered 1
/// event    targetSilent held 2
/// stop    end    round
/// ```
/// What the engine injects and the script lacks is a failure, and so is a payload that is not the client's. At the end the
/// ledger balances.
struct DatagramScript: ~Copyable {
    static let clientAddress = IPAddress(v4: 0x0a00_0001)
    static let online = Endpoint(IPAddress(v4: 0x0a00_0002), 53)
    static let target = Endpoint(IPAddress(v4: 0x0a00_0003), 5353)

    static func settings(
        _ carrier: Transfer.Carrier = .udp, _ change: (inout ReplaySettings) -> Void = { _ in }
    ) -> ReplaySettings {
        var settings = ReplaySettings(
            transfers: [
                Transfer(
                    onlineAddresses: [online.address], onlinePort: online.port, target: target, carrier: carrier)
            ])
        settings.startsSafely = false
        change(&settings)
        return settings
    }

    /// With safe start, as it is by default.
    static let safely = settings { $0.startsSafely = true }

    static func run(
        _ text: String, settings: ReplaySettings = settings(), sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var script = DatagramScript(settings: settings, sourceLocation: sourceLocation)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            script.play(String(line.prefix(upTo: line.firstRange(of: "//")?.lowerBound ?? line.endIndex)))
        }
        script.expectNothingInjected(before: "the end")
        #expect(script.replayer.ledgers[0].balances, "\(script.replayer.ledgers[0])", sourceLocation: sourceLocation)
    }

    private var replayer: Replayer
    private var batch = PacketBatch()
    private var injected: [DatagramHeader] = []
    private var events: [ReplayEvent] = []
    private var now = Instant.zero + .seconds(1000)
    private var lineNumber = 0
    private let sourceLocation: SourceLocation

    private init(settings: ReplaySettings, sourceLocation: SourceLocation) {
        replayer = Replayer(settings: settings, now: .zero)
        self.sourceLocation = sourceLocation
    }

    private mutating func play(_ text: String) {
        lineNumber += 1
        guard let line = ScriptLine(text) else { return }
        if line.verb != "injected" { expectNothingInjected(before: line.text) }
        switch line.verb {
        case "captured": capture(line)
        case "injected": expectInjected(line)
        case "answered":
            replayer.handleAnswer(
                DatagramHeader(flow: Flow(from: Self.target, to: line.client), payloadLength: 10), now: now)
        case "ledger": expectLedger(line)
        case "event": expectEvent(line)
        case "flows": expect(replayer.datagrams.flowCount, is: line.words[1], "flows")
        case "reach": setReach(line)
        case "stop": replayer.beginStop()
        case "round": replayer.handleEndOfCapture(capturedAt: now, now: now)
        case "end": replayer.endAll(now: now)
        default:
            guard let interval = line.interval else { return fail("a line that can't be read: \(line.text)") }
            advance(by: interval)
        }
        poll()
    }

    private mutating func setReach(_ line: ScriptLine) {
        let reaches: [String: RelayReach] = ["none": .none, "partial": .partial, "whole": .whole]
        guard let reach = reaches[line.words.last ?? ""] else { return fail("an unknown reach: \(line.text)") }
        replayer.handleRelayReach(reach, now: now)
    }

    static func payload(_ length: Int) -> [UInt8] { (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ length) } }

    private mutating func capture(_ line: ScriptLine) {
        guard line.words.count > 1, let length = Int(line.words[1]) else {
            return fail("a line that can't be read: \(line.text)")
        }
        var batch = PacketBatch()
        batch.writeDatagram(
            Flow(from: line.client, to: Self.online), payload: Self.payload(length).rawSpan, packetSize: 65_535,
            identification: 0, target: 0)
        let kept = batch.packet(0).byteCount - (line.number(after: "cut").map { length - $0 } ?? 0)
        let capturedAt = now + .milliseconds(Int64(line.number(after: "early") ?? 0))
        do throws(WireError) {
            let packet = batch.packet(0)
            let datagram = try UDPDatagram(
                frame: packet.extracting(first: kept), linkType: .raw, wireLength: packet.byteCount)
            replayer.handleCaptured(datagram, capturedAt: capturedAt, now: now)
        } catch { fail("the script's datagram can't be read: \(error)") }
    }

    private mutating func poll() {
        var more = true
        while more {
            more = replayer.pollPackets(into: &batch, now: now)
            for index in 0..<batch.count {
                let packet = [UInt8](copying: batch.packet(index))
                do throws(WireError) {
                    let datagram = try UDPDatagram(frame: packet.rawSpan, linkType: .raw, wireLength: packet.count)
                    injected.append(datagram.header)
                    let payload = [UInt8](copying: datagram.payload)
                    if payload != Self.payload(payload.count) { fail("the payload is not the client's") }
                } catch { fail("injected a packet that can't be read: \(error)") }
            }
            batch.removeAll()
        }
        events += replayer.pollEvents()
    }

    /// Steps through every deadline, as a program would.
    private mutating func advance(by interval: Interval) {
        let end = now + interval
        var left = 200 * (interval.nanoseconds / 1_000_000_000 + 1)
        while replayer.nextDeadline <= end {
            left -= 1
            guard left > 0 else { return fail("the engine spins") }
            now = max(now, replayer.nextDeadline)
            replayer.handleTimeout(now: now)
            poll()
        }
        now = end
    }
}

// What the script expects.
extension DatagramScript {
    private mutating func expectInjected(_ line: ScriptLine) {
        guard !injected.isEmpty else { return fail("nothing was injected for: \(line.text)") }
        let header = injected.removeFirst()
        let isOfClient = header.flow.source == line.client || !line.words[0].contains("@")
        guard isOfClient, header.flow.destination == Self.target, "\(header.payloadLength)" == line.words[1] else {
            return fail("expected \(line.text), injected \(header)")
        }
    }

    private mutating func expectNothingInjected(before line: String) {
        for extra in injected { fail("before “\(line)”: injected \(extra), which the script lacks") }
        injected = []
    }

    private func expectLedger(_ line: ScriptLine) {
        for pair in stride(from: 1, to: line.words.count - 1, by: 2) {
            guard let figure = figure(line.words[pair]) else { return fail("unknown figure \(line.words[pair])") }
            expect(figure, is: line.words[pair + 1], line.words[pair])
        }
    }

    private func figure(_ name: String) -> Int? {
        let ledger = replayer.ledgers[0]
        let account = name.hasPrefix("sessions.") ? ledger.sessions : ledger.exchanges
        let field = name.hasPrefix("sessions.") ? String(name.dropFirst(9)) : name
        switch field {
        case "captured": return account.captured
        case "notSelected": return account.notSelected
        case "selected": return account.selected
        case "replayed": return account.replayed
        case "answered": return account.answered
        case "silent": return account.silent
        case "inFlight": return account.inFlight
        case "surplus": return replayer.ignored.surplusAnswers
        case "otherDestination": return replayer.ignored.otherDestination
        case "unknownResponses": return replayer.ignored.unknownResponses
        case "afterStop": return replayer.ignored.afterStop
        default: break
        }
        if let reason = FailureReason.allCases.first(where: { "failed.\($0)" == field }) {
            return account[failed: reason]
        }
        return ShedReason.allCases.first { "shed.\($0)" == field }.map { account[shed: $0] }
    }

    private mutating func expectEvent(_ line: ScriptLine) {
        let shown = events.isEmpty ? "event none" : Self.text(of: events.removeFirst())
        if shown != line.text { fail("expected \(line.text), had \(shown)") }
    }

    private static func text(of event: ReplayEvent) -> String {
        switch event {
        case .targetProven: "event targetProven"
        case .targetSilent(_, _, let held): "event targetSilent held \(held)"
        case .sessionShed(_, let reason): "event sessionShed \(reason)"
        }
    }

    private func expect(_ actual: Int, is wanted: String, _ name: String) {
        if actual != Int(wanted) { fail("\(name): \(actual), expected \(wanted)") }
    }

    private func fail(_ text: String) {
        Issue.record("line \(lineNumber): \(text)", sourceLocation: sourceLocation)
    }
}
