import NIOCore
import Testing
import Wire

@testable import HeaderRelay

/// Whose a session of TCPCopy 1.x is, and how many are remembered.
struct Version1SessionsTests {
    private func session(_ port: UInt16, host: UInt32 = 1) throws -> Version1Session {
        try #require(Version1Session(Samples.session(port, host: host)))
    }

    @Test func `the last announcement counts`() throws {
        var sessions = Version1Sessions()
        #expect(sessions.owner(of: try session(1)) == nil)
        sessions.add(try session(1), by: 1)
        #expect(sessions.owner(of: try session(1)) == 1)
        #expect(sessions.owner(of: try session(2)) == nil)
        #expect(sessions.owner(of: try session(1, host: 2)) == nil)
        sessions.add(try session(1), by: 2)
        #expect(sessions.owner(of: try session(1)) == 2)
        sessions.remove(try session(1), by: 1)
        #expect(sessions.owner(of: try session(1)) == 2, "it was another's by then")
        sessions.remove(try session(1), by: 2)
        #expect(sessions.owner(of: try session(1)) == nil && sessions.count == 0)
    }

    @Test func `what a connection asked for ends with it, and no more`() throws {
        var sessions = Version1Sessions()
        for port in 0..<100 as Range<UInt16> { sessions.add(try session(port), by: port % 2 == 0 ? 1 : 2) }
        sessions.add(try session(2), by: 2)
        sessions.removeAll(of: 1)
        #expect(sessions.count == 51)
        for port in 0..<100 as Range<UInt16> {
            #expect(sessions.owner(of: try session(port)) == (port % 2 == 1 || port == 2 ? 2 : nil))
        }
    }

    @Test func `beyond its share a connection forgets its oldest sessions of which nothing was heard`() throws {
        var sessions = Version1Sessions(maximum: 100)
        for port in 0..<100 as Range<UInt16> { sessions.add(try session(port), by: 1) }
        #expect(sessions.count == 100 && sessions.forgotten == 0)
        for port in [0, 1, 5] as [UInt16] { #expect(sessions.owner(of: try session(port)) == 1) }
        for port in 100..<110 as Range<UInt16> { sessions.add(try session(port), by: 1) }
        #expect(sessions.count == 100 && sessions.forgotten == 10)
        let gone = try (0..<110 as Range<UInt16>).filter { !sessions.isOwned(try session($0)) }
        #expect(gone == [2, 3, 4, 6, 7, 8, 9, 10, 11, 12])
    }

    @Test func `a flood of one connection costs the others' sessions nothing`() throws {
        var sessions = Version1Sessions(maximum: 100)
        for port in 0..<40 as Range<UInt16> { sessions.add(try session(port), by: 1) }
        for port in 100..<5_000 as Range<UInt16> { sessions.add(try session(port), by: 2) }
        #expect(sessions.count == 90)
        for port in 0..<40 as Range<UInt16> { #expect(sessions.owner(of: try session(port)) == 1) }
    }

    @Test func `sessions that are told to end make room, so that an idle one is never forgotten for them`() throws {
        var sessions = Version1Sessions(maximum: 10)
        sessions.add(try session(0), by: 1)
        for port in 1..<5_000 as Range<UInt16> {
            sessions.add(try session(port), by: 1)
            sessions.remove(try session(port), by: 1)
        }
        #expect(sessions.count == 1 && sessions.forgotten == 0)
        #expect(sessions.isOwned(try session(0)))
    }

    @Test func `sessions that end and come again, on one connection or another, are counted once`() throws {
        var sessions = Version1Sessions(maximum: 64)
        var model: [UInt16: Version1Member] = [:]
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<10_000 {
            let port = UInt16.random(in: 0..<16, using: &generator)
            let member = Int.random(in: 1...2, using: &generator)
            if Int.random(in: 0..<3, using: &generator) == 0 {
                sessions.remove(try session(port), by: member)
                if model[port] == member { model[port] = nil }
            } else {
                sessions.add(try session(port), by: member)
                model[port] = member
            }
        }
        #expect(sessions.count == model.count && sessions.forgotten == 0)
        for port in 0..<16 as Range<UInt16> { #expect(sessions.owner(of: try session(port)) == model[port]) }
    }
}
