import Foundation
import Testing
import Wire

@testable import ReplayEngine

/// What many sessions leave behind.
@Suite struct MemoryTests {
    /// Short sessions, one after another and a few at a time, against a target that answers at once. The engine with
    /// nothing around it, so that a million of them fit into a test.
    private struct Load: ~Copyable {
        var replayer: Replayer
        var batch = PacketBatch()
        var now = Instant.zero + .seconds(10)
        var number: UInt32 = 0
        let target = AnsweringTarget()
        let packet: [UInt8]

        static let online = Endpoint(IPAddress(v4: 0x0a00_0002), 80)

        init() {
            replayer = Replayer(
                settings: ReplaySettings(transfers: [
                    Transfer(
                        onlineAddresses: [Self.online.address], onlinePort: 80,
                        target: Endpoint(IPAddress(v4: 0x0a00_0003), 8080))
                ]), now: .zero)
            packet = [UInt8](repeating: 7, count: 200)
        }

        /// One session: handshake, a request and its answer, and the end.
        mutating func playSession() {
            number += 1
            let client = Endpoint(IPAddress(v4: 0x0b00_0000 + number % 65_521), UInt16(1_024 + number % 60_000))
            let flow = Flow(from: client, to: Self.online)
            let first = SequenceNumber(number &* 2_654_435_761)
            func segment(_ flags: TCPFlags, at offset: Int, ack: UInt32, length: Int = 0) -> SegmentHeader {
                SegmentHeader(
                    flow: flow, sequence: first.advanced(by: offset), acknowledgement: SequenceNumber(ack),
                    flags: flags, window: 64240, payloadLength: length)
            }
            capture(segment(.syn, at: 0, ack: 0))
            capture(segment(.ack, at: 1, ack: 5_001))
            capture(segment([.ack, .psh], at: 1, ack: 5_001, length: 200))
            capture(segment([.ack, .fin], at: 201, ack: 5_101))
            now = now + .microseconds(100)
            while replayer.nextDeadline <= now {
                replayer.handleTimeout(now: now)
                exchangePackets()
            }
        }

        /// One that has been answered and then says no more.
        mutating func playIdleSession() {
            number += 1
            let client = Endpoint(IPAddress(v4: 0x0b00_0000 + number % 65_521), UInt16(1_024 + number % 60_000))
            let flow = Flow(from: client, to: Self.online)
            func segment(_ flags: TCPFlags, _ sequence: UInt32, ack: UInt32, length: Int = 0) -> SegmentHeader {
                SegmentHeader(
                    flow: flow, sequence: SequenceNumber(sequence), acknowledgement: SequenceNumber(ack), flags: flags,
                    window: 64240, payloadLength: length)
            }
            capture(segment(.syn, 1_000, ack: 0))
            capture(segment(.ack, 1_001, ack: 5_001))
            capture(segment([.ack, .psh], 1_001, ack: 5_001, length: 200))
        }

        private mutating func capture(_ header: SegmentHeader) {
            var batch = PacketBatch(byteCapacity: 512, packetCapacity: 1)
            batch.begin(header, target: 0)
            batch.append(packet.rawSpan.extracting(first: header.payloadLength))
            batch.end()
            let bytes = batch.packet(0)
            do throws(WireError) {
                let segment = try TCPSegment(frame: bytes, linkType: .raw, wireLength: bytes.byteCount)
                replayer.handleCaptured(segment, capturedAt: now, now: now)
            } catch { Issue.record("captured what can't be read: \(error)") }
            exchangePackets()
        }

        /// What is injected is answered at once, until both sides have no more to say.
        private mutating func exchangePackets() {
            var isTalking = true
            while isTalking {
                isTalking = replayer.pollPackets(into: &batch, now: now)
                var answers: [SegmentHeader] = []
                for index in 0..<batch.count {
                    let bytes = batch.packet(index)
                    guard let segment = try? TCPSegment(frame: bytes, linkType: .raw, wireLength: bytes.byteCount)
                    else {
                        Issue.record("injected what can't be read")
                        continue
                    }
                    if let answer = target.answer(to: segment.header) { answers.append(answer) }
                }
                batch.removeAll()
                for answer in answers { replayer.handleRelayed(answer, now: now) }
                isTalking = isTalking || !answers.isEmpty
            }
        }

        /// Resident bytes of this process.
        static var residentBytes: Int {
            let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
            return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 4_096 } ?? 0
        }
    }

    /// `TCPCOPY_SESSIONS=1000000` holds a million at once, and has the process to itself: run it alone with `--filter`.
    @Test func `idle sessions take at most 512 bytes each, all at once`() {
        let asked = ProcessInfo.processInfo.environment["TCPCOPY_SESSIONS"].flatMap { Int($0) }
        let count = asked ?? 10_000
        var load = Load()
        let resident = Load.residentBytes
        while Int(load.number) < count { load.playIdleSession() }
        #expect(load.replayer.liveSessions == count)
        #expect(load.replayer.ledgers[0].exchanges.answered == count)
        #expect(load.replayer.ledgers[0].sessions.shed == 0)
        #expect(load.replayer.payloadInUse == 0)
        #expect(load.replayer.resources.memoryInUse <= 512 * count)
        if asked != nil {
            let bytes = (Load.residentBytes - resident) / count
            print("\(count) idle sessions: \(bytes) resident bytes each, \(Replayer.bytesPerSession) counted")
        }
    }

    /// A tenth of the sessions, then the rest. `TCPCOPY_SESSIONS=1000000` plays a million of them, and has the process
    /// to itself: then its resident memory is looked at too.
    @Test func `after many short sessions memory is what it was after a tenth of them`() {
        let asked = ProcessInfo.processInfo.environment["TCPCOPY_SESSIONS"].flatMap { Int($0) }
        let count = asked ?? 20_000
        var load = Load()
        for _ in 0..<max(count / 10, 10_500) { load.playSession() }
        let (slots, resident) = (load.replayer.sessions.count, Load.residentBytes)
        // The last second's sessions linger.
        #expect((9_000...10_500).contains(load.replayer.liveSessions))
        while Int(load.number) < count { load.playSession() }
        #expect(load.replayer.sessions.count <= slots + 10)
        #expect(load.replayer.payloadInUse == 0)
        #expect(load.replayer.resources.sessionBytes == load.replayer.liveSessions * Replayer.bytesPerSession)
        if asked != nil {
            let growth = Load.residentBytes - resident
            #expect(growth < 2 << 20)
        }
        let ledger = load.replayer.ledgers[0]
        #expect(ledger.sessions.captured == Int(load.number))
        #expect(ledger.sessions.answered == Int(load.number))
        #expect(ledger.exchanges.answered == Int(load.number))
        #expect(ledger.balances)
    }
}
