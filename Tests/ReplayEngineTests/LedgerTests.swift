import Testing

@testable import ReplayEngine

@Suite struct LedgerTests {
    /// An account with something in every place.
    private static func full() -> Account {
        var account = Account()
        account.captured = 100
        account.notSelected = 10
        account.selected = 90
        account.answered = 40
        account.inFlight = 3
        for (index, reason) in FailureReason.allCases.enumerated() { account[failed: reason] = index + 1 }
        for (index, reason) in ShedReason.allCases.enumerated() { account[shed: reason] = index + 7 }
        account.replayed = 40 + 3 + account.failed + account.shed
        return account
    }

    @Test func `an account with everything in one place balances`() {
        #expect(Account().balances)
        #expect(Self.full().balances)
        #expect(Self.full().failed == (1...FailureReason.allCases.count).reduce(0, +))
        #expect(Self.full().shed == (7..<7 + ShedReason.allCases.count).reduce(0, +))
    }

    @Test func `one wrong count in any figure of either account is found`() {
        var changes: [(inout Account) -> Void] = [
            { $0.captured += 1 }, { $0.notSelected += 1 }, { $0.selected += 1 }, { $0.replayed += 1 },
            { $0.answered += 1 }, { $0.inFlight += 1 },
        ]
        for reason in FailureReason.allCases { changes.append { $0[failed: reason] += 1 } }
        for reason in ShedReason.allCases { changes.append { $0[shed: reason] += 1 } }
        for change in changes {
            var ledger = Ledger()
            ledger.exchanges = Self.full()
            ledger.sessions = Self.full()
            #expect(ledger.balances)
            var wrong = ledger
            change(&wrong.exchanges)
            #expect(!wrong.balances)
            wrong = ledger
            change(&wrong.sessions)
            #expect(!wrong.balances)
            #expect(wrong != ledger)
        }
    }

    @Test func `ledgers of several shards add up figure by figure`() {
        var one = Ledger()
        one.sessions = Self.full()
        one.exchanges = Self.full()
        one.retransmissions = 5
        one.reopenings = 6
        one.releasedUnanswered = 7
        var sum = one
        sum += one
        #expect(sum.balances)
        #expect(sum.sessions.captured == 200)
        #expect(sum.exchanges[failed: .stopped] == 2 * one.exchanges[failed: .stopped])
        #expect(sum.exchanges.shed == 2 * one.exchanges.shed)
        #expect([sum.retransmissions, sum.reopenings, sum.releasedUnanswered] == [10, 12, 14])
    }
}
