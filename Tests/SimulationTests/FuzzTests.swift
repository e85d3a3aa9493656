import Testing
import Wire

@testable import ReplayEngine

/// Segments and headers that no sane host sends: nothing traps, spins, or is unaccounted for.
@Suite struct FuzzTests {
    private struct Fuzzer: ~Copyable {
        var replayer: Replayer
        var now = Instant.zero + .seconds(50)
        var chance: SimulationGenerator
        var batch = PacketBatch()
        /// What was injected last for each of a few clients.
        var last: [Flow: SegmentHeader] = [:]
        var steps = 0

        static let online = Endpoint(IPAddress(v4: 0x0a00_0002), 80)
        static let target = Endpoint(IPAddress(v4: 0x0a00_0003), 8080)

        init(seed: UInt64) {
            chance = SimulationGenerator(seed: seed)
            var settings = ReplaySettings(transfers: [
                Transfer(onlineAddresses: [Self.online.address], onlinePort: 80, target: Self.target),
                Transfer(onlineAddresses: [Self.online.address], onlinePort: 81, target: Self.target),
            ])
            settings.startsSafely = seed % 2 == 0
            settings.waitsForAnswers = seed % 3 != 0
            settings.onHole = seed % 5 == 0 ? .end : .reopen
            settings.memoryLimit = 300_000
            settings.backlogLimit = 50_000
            settings.sessionTimeout = .seconds(20)
            settings.idleTimeout = .seconds(30)
            settings.copies = seed % 4 == 0 ? 3 : 1
            settings.percent = seed % 7 == 0 ? 50 : 100
            settings.onlyFullSessions = seed % 11 == 0
            if seed % 6 == 1 {
                settings.clientPool = AddressPrefix(IPAddress(v4: 0x0a02_0000), length: 31).map { AddressPool([$0]) }
                // A slice of one or two ports, so that pairs run out.
                settings.slice = Slice(index: 77, count: 40_000)
            }
            replayer = Replayer(settings: settings, now: now)
            if seed % 3 == 1 { replayer.foresightFrom = 0 }
        }

        mutating func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int.random(in: 0..<elements.count, using: &chance)]
        }

        mutating func happens(_ probability: Double) -> Bool {
            Double.random(in: 0..<1, using: &chance) < probability
        }

        /// Numbers near a place that matters, now and then anywhere.
        mutating func number(near place: UInt32) -> SequenceNumber {
            guard !happens(0.02) else { return SequenceNumber(UInt32.random(in: .min ... .max, using: &chance)) }
            return SequenceNumber(place).advanced(
                by: pick([0, 0, 0, 1, -1, 100, 1_460, Int.random(in: -200...4_000, using: &chance)]))
        }

        mutating func options() -> TCPOptions {
            var options = TCPOptions()
            if happens(0.5) { options.maximumSegmentSize = pick([0, 1, 88, 536, 1_460, .max]) }
            if happens(0.5) { options.windowScale = pick([0, 7, 14, 255]) }
            options.sackPermitted = happens(0.5)
            if happens(0.3) {
                options.timestamps = TCPTimestamps(
                    value: pick([0, 1, UInt32(now.nanoseconds / 1_000_000), .max]), echo: 0)
            }
            return options
        }

        mutating func step() {
            switch Int.random(in: 0..<20, using: &chance) {
            case 0..<9: capture()
            case 9..<15: relay()
            case 15..<18: advance(by: pick([10, 300, 45_000, 250_000, 1_100_000]))
            case 18: advance(by: pick([5_000_000, 25_000_000, 130_000_000]))
            default: administer()
            }
            poll()
            steps += 1
        }

        mutating func capture() {
            let client = Endpoint(IPAddress(v4: 0x0a01_0001), UInt16.random(in: 5_000...5_004, using: &chance))
            let flow = Flow(from: client, to: Endpoint(Self.online.address, pick([80, 80, 80, 81])))
            let base = UInt32(client.port) &* 1_000_003 &+ UInt32(steps / 300) &* 4_000
            let flags: TCPFlags = pick([
                .syn, .ack, [.ack, .psh], [.ack, .psh], [.ack, .psh], [.ack, .fin], .rst, [.rst, .ack], [.syn, .fin],
                [],
                [.syn, .ack], [.fin], [.ack, .psh, .fin], [.ack, .urg, .psh],
            ])
            var header = SegmentHeader(
                flow: flow, sequence: number(near: base), acknowledgement: number(near: base &+ 77_777), flags: flags,
                window: 500, payloadLength: happens(0.6) ? pick([1, 100, 700, 1_460, 9_000]) : 0)
            header.options = flags.contains(.syn) ? options() : TCPOptions()
            var packet = PacketBatch(byteCapacity: 10_000, packetCapacity: 1)
            packet.begin(header, target: 0)
            packet.append([UInt8](repeating: 5, count: header.payloadLength).rawSpan)
            packet.end()
            var bytes = [UInt8](copying: packet.packet(0))
            let wireLength = bytes.count
            if happens(0.03) { bytes.removeLast(min(header.payloadLength, 60)) }
            do throws(WireError) {
                let segment = try TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: wireLength)
                replayer.handleCaptured(segment, capturedAt: now + .milliseconds(pick([0, 0, 0, 50, -50])), now: now)
            } catch { Issue.record("\(error)") }
        }

        mutating func relay() {
            guard let flow = last.keys.sorted(by: { $0.sourcePort < $1.sourcePort }).randomElement(using: &chance),
                let injected = last[flow]
            else { return }
            // Half of the time what a sound target says, so that connections get somewhere.
            if happens(0.5), let answer = AnsweringTarget().answer(to: injected) {
                return replayer.handleRelayed(answer, now: now)
            }
            let flags: TCPFlags = pick([
                [.syn, .ack], [.syn, .ack], .ack, .ack, .ack, [.ack, .psh], [.ack, .psh], [.ack, .fin], .rst,
                [.rst, .ack],
                .syn, [], [.fin],
            ])
            var header = SegmentHeader(
                flow: flow.reversed,
                sequence: flags.contains(.syn)
                    ? SequenceNumber(9_000) : number(near: injected.acknowledgement.rawValue),
                acknowledgement: happens(0.7) ? injected.sequenceEnd : number(near: injected.sequenceEnd.rawValue),
                flags: flags, window: pick([0, 1, 500, 65_535]),
                payloadLength: happens(0.4) && !flags.contains(.syn) ? pick([1, 100, 1_460, 70_000]) : 0)
            header.options = flags.contains(.syn) || happens(0.1) ? options() : TCPOptions()
            for _ in 0..<pick([0, 0, 0, 1, 4]) {
                header.options.sackBlocks.append(
                    SequenceRange(
                        number(near: injected.sequence.rawValue), number(near: injected.sequenceEnd.rawValue)))
            }
            replayer.handleRelayed(header, now: now)
        }

        mutating func administer() {
            switch Int.random(in: 0..<6, using: &chance) {
            case 0: replayer.setAnnouncing(happens(0.5))
            case 1: for flow in replayer.pollAnnouncements() { replayer.handleGranted(flow, now: now) }
            case 2: for flow in replayer.pollAnnouncements() { replayer.handleRefused(flow, now: now) }
            case 3: _ = replayer.pollReleases()
            case 4: if let flow = replayer.heldFlows().first { replayer.handleRefused(flow, now: now) }
            default: _ = replayer.pollEvents()
            }
        }

        mutating func advance(by microseconds: Int64) {
            let end = now + .microseconds(microseconds)
            var left = 2_000 + Int(microseconds / 1_000)
            while replayer.nextDeadline <= end, left > 0 {
                left -= 1
                now = max(now, replayer.nextDeadline)
                replayer.handleTimeout(now: now)
                poll()
            }
            if left == 0 { Issue.record("the engine spins") }
            now = end
        }

        mutating func poll() {
            var more = true
            var rounds = 0
            while more {
                more = replayer.pollPackets(into: &batch, now: now)
                rounds += 1
                if rounds > 1_000 {
                    Issue.record("the engine sends without end")
                    return
                }
                for index in 0..<batch.count {
                    let bytes = [UInt8](copying: batch.packet(index))
                    do throws(WireError) {
                        let segment = try TCPSegment(frame: bytes.rawSpan, linkType: .raw, wireLength: bytes.count)
                        last[segment.header.flow] = segment.header
                    } catch { Issue.record("injected what can't be read: \(error)") }
                }
                batch.removeAll()
            }
        }
    }

    @Test(arguments: WorldTests.seeds)
    func `random segments and headers in random order trap nothing, and all is accounted for`(seed: UInt64) {
        var fuzzer = Fuzzer(seed: seed)
        for step in 0..<1_500 {
            fuzzer.step()
            let isSound =
                fuzzer.replayer.ledgers.allSatisfy { $0.balances } && fuzzer.replayer.payloadInUse <= 300_000
            if !isSound {
                Issue.record("seed \(seed), step \(step): \(fuzzer.replayer.ledgers) \(fuzzer.replayer.payloadInUse)")
                return
            }
        }
        if seed % 2 == 0 { fuzzer.replayer.beginStop() }
        fuzzer.poll()
        fuzzer.replayer.endAll(now: fuzzer.now)
        fuzzer.poll()
        fuzzer.advance(by: 200_000_000)
        #expect(fuzzer.replayer.isQuiet == true, "seed \(seed)")
        #expect(fuzzer.replayer.liveSessions == 0, "seed \(seed)")
        #expect(fuzzer.replayer.payloadInUse == 0, "seed \(seed)")
        let (sessions, bytes) = (fuzzer.replayer.liveSessions, fuzzer.replayer.resources.sessionBytes)
        #expect(bytes == sessions * Replayer.bytesPerSession, "seed \(seed)")
        let inFlight = fuzzer.replayer.ledgers.reduce(0) { $0 + $1.exchanges.inFlight + $1.sessions.inFlight }
        #expect(inFlight == 0, "seed \(seed)")
    }
}
