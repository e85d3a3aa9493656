import NIOCore
import Testing
import Wire

@testable import HeaderRelay

/// Responses that came before their session was announced.
struct Version1WaitingTests {
    private func session(_ port: UInt16) throws -> Version1Session {
        try #require(Version1Session(Samples.session(port)))
    }

    private func at(_ milliseconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .milliseconds(milliseconds) }

    @Test func `a response waits two seconds for its session's announcement`() throws {
        var waiting = Version1Waiting()
        #expect(waiting.nextDeadline == nil)
        #expect(waiting.hold(Samples.response(1, sequence: 1), of: try session(1), now: at(0)))
        #expect(waiting.hold(Samples.response(2, sequence: 2), of: try session(2), now: at(500)))
        #expect(waiting.hold(Samples.response(1, sequence: 3), of: try session(1), now: at(1_000)))
        #expect(waiting.count == 3 && waiting.nextDeadline == at(2_000))
        #expect(waiting.expire(now: at(1_999)) == 0)
        #expect(waiting.expire(now: at(2_000)) == 1)
        #expect(waiting.nextDeadline == at(2_500))
        #expect(waiting.take(try session(1)).map(\.sequence.rawValue) == [3])
        #expect(waiting.take(try session(1)).isEmpty)
        #expect(waiting.expire(now: at(9_000)) == 1)
        #expect(waiting.count == 0 && waiting.nextDeadline == nil)
    }

    @Test func `a response that was taken does not end one of the same session that came later`() throws {
        var waiting = Version1Waiting()
        _ = waiting.hold(Samples.response(1, sequence: 1), of: try session(1), now: at(0))
        #expect(waiting.take(try session(1)).count == 1)
        _ = waiting.hold(Samples.response(1, sequence: 2), of: try session(1), now: at(1_000))
        #expect(waiting.expire(now: at(2_000)) == 0)
        #expect(waiting.take(try session(1)).map(\.sequence.rawValue) == [2])
    }

    @Test func `so many wait and no more, until some are taken`() throws {
        var waiting = Version1Waiting()
        for port in 0..<5_000 as Range<UInt16> {
            #expect(waiting.hold(Samples.response(port), of: try session(port), now: at(0)) == (port < 4_096))
        }
        #expect(waiting.take(try session(0)).count == 1)
        #expect(waiting.hold(Samples.response(0), of: try session(0), now: at(1)))
        for port in 0..<4_096 as Range<UInt16> { #expect(waiting.take(try session(port)).count == 1) }
        // Far more than may wait at once, when none waits long.
        for port in 0..<20_000 as Range<UInt16> {
            #expect(waiting.hold(Samples.response(port), of: try session(port), now: at(2)))
            #expect(waiting.take(try session(port)).count == 1)
        }
    }

    @Test func `only the first response of a session waits, or one that refuses it`() {
        var header = Samples.response(1)
        #expect(!Version1Waiting.isFirst(header))
        header.flags = [.syn, .ack]
        #expect(Version1Waiting.isFirst(header))
        header.flags = .rst
        #expect(Version1Waiting.isFirst(header))
    }
}
