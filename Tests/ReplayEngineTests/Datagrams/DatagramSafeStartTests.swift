import Testing
import Wire

@testable import ReplayEngine

/// One datagram is let out until a target has been heard.
@Suite struct DatagramSafeStartTests {
    @Test func `the others go once the first answer is relayed`() {
        DatagramScript.run(
            """
            captured@40001 1
            injected@40001 1
            captured@40002 2
            captured@40001 3
            ledger inFlight 3
            answered@40001
            injected@40002 2
            injected@40001 3
            event targetProven
            captured@40003 4
            injected@40003 4
            event none
            """, settings: DatagramScript.safely)
    }

    @Test func `what was held follows at most twice as fast as it came`() {
        DatagramScript.run(
            """
            captured@40001 1
            injected@40001 1
            captured@40002 2
            +200ms
            captured@40003 3
            +200ms
            captured@40004 4
            answered@40001
            injected@40002 2                    // 400 ms late
            +100ms
            injected@40003 3                    // 300 ms late
            captured@40005 5
            +100ms
            injected@40004 4                    // 200 ms late
            +50ms
            injected@40005 5                    // 150 ms late
            +1s
            captured@40006 6
            injected@40006 6
            """, settings: DatagramScript.safely)
    }

    @Test func `a silent target costs clients one stray answer, and later ones in growing intervals`() {
        DatagramScript.run(
            """
            captured@40001 1
            injected@40001 1
            captured@40002 2
            captured@40003 3
            captured@40004 4
            captured@40005 5
            +990ms
            +10ms
            injected@40002 2
            +1900ms
            event none
            +100ms
            injected@40003 3
            event targetSilent held 3
            +4s
            injected@40004 4
            +2900ms
            ledger silent 3 inFlight 2
            +100ms                              // the fifth has been held for ten seconds
            ledger failed.targetSilent 1 silent 3 inFlight 1
            +5s
            captured@40006 6
            injected@40006 6
            captured@40007 7
            end
            ledger failed.targetSilent 2 failed.stopped 1 silent 4 inFlight 0
            """, settings: DatagramScript.safely)
    }

    @Test func `of several copies one alone is the probe`() {
        var settings = DatagramScript.safely
        settings.copies = 3
        DatagramScript.run(
            """
            captured@40001 1
            injected@40001 1
            +999ms
            answered@40001
            injected 1
            injected 1
            ledger replayed 3 answered 1 inFlight 2
            """, settings: settings)
    }

    @Test func `another shard's proof lets all go here`() {
        var replayer = Replayer(settings: DatagramScript.safely, now: .zero)
        replayer.handleProof(of: 0, now: .zero)
        let isProven = replayer.datagrams.admissions[0].isProven
        #expect(isProven)
    }

    @Test func `a target heard over TCP is not proven for UDP`() {
        var settings = DatagramScript.safely
        settings.transfers.append(
            Transfer(
                onlineAddresses: [DatagramScript.online.address], onlinePort: 53, target: DatagramScript.target))
        var replayer = Replayer(settings: settings, now: .zero)
        replayer.handleProof(of: 1, now: .zero)
        let isProven = replayer.datagrams.admissions[0].isProven
        #expect(!isProven)
    }
}
