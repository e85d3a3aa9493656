import ReplayEngine
import Testing
import Wire

@Suite struct GoldenTableTests {
    /// What becomes of forty sessions, for each loss on either way between tcpcopy and the target, and each delay.
    ///
    /// A change of these figures is a change of behaviour: look whether it is the one that was meant.
    @Test func `loss and delay cost retransmissions, not exchanges`() {
        var table = "loss  delay   captured  answered  failed  retransmitted\n"
        for loss in [0.0, 0.01, 0.1] {
            for delay in [0, 5, 50] as [Int64] {
                var plan = World.Plan(clients: 40)
                plan.injection = Leg(delay: .milliseconds(delay), loss: loss)
                plan.response = Leg(delay: .milliseconds(delay), loss: loss)
                var world = World(seed: 4_711, plan: plan)
                world.run()
                let ledger = world.replayer.ledgers[0]
                table += Self.row([
                    "\(Int(loss * 100)) %", "\(delay) ms", "\(ledger.exchanges.captured)",
                    "\(ledger.exchanges.answered)", "\(ledger.exchanges.failed)", "\(ledger.retransmissions)",
                ])
            }
        }
        #expect(table == Self.golden)
    }

    private static func row(_ fields: [String]) -> String {
        zip(fields, [6, 8, 10, 10, 8, 0]).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }.joined()
            + "\n"
    }

    private static let golden = """
        loss  delay   captured  answered  failed  retransmitted
        0 %   0 ms    115       115       0       0
        0 %   5 ms    115       115       0       0
        0 %   50 ms   115       115       0       0
        1 %   0 ms    115       115       0       9
        1 %   5 ms    115       115       0       10
        1 %   50 ms   115       115       0       18
        10 %  0 ms    115       115       0       88
        10 %  5 ms    115       115       0       72
        10 %  50 ms   115       115       0       116

        """
}
