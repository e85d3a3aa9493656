import Testing

@testable import ReplayEngine

/// Recordings that are played slower or faster than they were made: what is missing is waited for on their own clock.
@Suite struct RecordedTimeTests {
    private static func played(times speed: Double) -> ReplaySettings {
        PacketScript.settings { $0.captureSpeed = speed }
    }

    @Test func `a hole that the client fills in time is none, however slowly it is played`() {
        PacketScript.run(
            "recorded 0ms\n" + handshake + """
                captured  P.  1101:1201(100) ack 9001
                +30s
                recorded  300ms
                +30s
                recorded  990ms
                captured  P.  1001:1101(100) ack 9001
                injected  P.  1001:1201(200) ack 7001
                ledger    failed 0
                """, settings: Self.played(times: 0.01))
    }

    @Test func `a hole that is left is final once the recording is a second further, however fast it is played`() {
        PacketScript.run(
            "recorded 0ms\n" + handshake + """
                captured  P.  1101:1201(100) ack 9001
                recorded  999ms
                recorded  1001ms
                injected  R   1001:1001(0)
                injected  S   132073:132073(0)
                relayed   S.  3000:3000(0)   ack 132074 win 500 <mss 1460>
                injected  P.  132074:132174(100) ack 3001 bytes 1101
                ledger    captured 2 failed.captureHole 1 inFlight 1
                """, settings: Self.played(times: 100))
    }

    @Test func `a hole that grows smaller is waited for anew, by the recording's clock`() {
        PacketScript.run(
            "recorded 0ms\n" + handshake + """
                captured  P.  1201:1301(100) ack 9001
                recorded  900ms
                captured  .   1001:1101(100) ack 9001
                injected  P.  1001:1101(100) ack 7001
                recorded  1800ms
                captured  .   1101:1201(100) ack 9001
                injected  P.  1101:1301(200) ack 7001
                ledger    failed 0
                """, settings: Self.played(times: .infinity))
    }

    @Test func `a far client is given two round trips of the recording, of which the target sees their share`() {
        PacketScript.run(
            """
            recorded  0ms
            captured  S   1000:1000(0)              win 64240 <mss 1460>
            injected  S   1000:1000(0)
            relayed   S.  7000:7000(0)   ack 1001   win 65160 <mss 1460>
            injected  .   1001:1001(0)   ack 7001
            recorded  100ms
            captured  .   1001:1001(0)   ack 9001
            captured  .   1101:1201(100) ack 9051
            recorded  315ms
            captured  P.  1001:1101(100) ack 9001
            injected  P.  1001:1101(100) ack 7001
            relayed   P.  7001:7051(50)  ack 1101   win 500
            injected  P.  1101:1201(100) ack 7051
            relayed   P.  7051:7151(100) ack 1201   win 500
            +38ms
            +3ms                                              // 10 ms of round trip, so the usual 40
            injected  .   1201:1201(0)   ack 7151
            ledger    failed 0
            """, settings: Self.played(times: 10))
    }

    @Test func `where nothing more can be read before holes are given up, they are`() {
        PacketScript.run(
            "recorded 0ms\n" + handshake + """
                captured  P.  1101:1201(100) ack 9001
                give-up
                injected  R   1001:1001(0)
                injected  S   132073:132073(0)
                ledger    captured 2 failed.captureHole 1 inFlight 1
                """, settings: Self.played(times: .infinity))
    }
}
