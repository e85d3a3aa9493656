import Glibc
import LinkLayer
import Testing

@Suite struct SystemRefusalTests {
    @Test func `a refusal says in one line what was refused, for whom and why`() {
        let refusal = SystemRefusal("open", "eth7 for capture", code: ENODEV)
        #expect(refusal.description == "cannot open eth7 for capture: No such device")
        #expect(!refusal.isMissingPrivilege)
        let other = SystemRefusal("use the filter", "\"x\"", reason: "syntax error")
        #expect("\(other)" == "cannot use the filter \"x\": syntax error")
        #expect(other.code == nil && !other.isMissingPrivilege)
    }

    @Test(arguments: [EPERM, EACCES])
    func `a missing privilege is told from other refusals`(_ code: Int32) {
        #expect(SystemRefusal("open", "eth0 for capture", code: code).isMissingPrivilege)
    }

    @Test func `the monotonic clock counts nanoseconds and never goes back`() {
        let times = (0..<1000).map { _ in MonotonicClock.now }
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
        let before = MonotonicClock.now
        usleep(20_000)
        let passed = MonotonicClock.now - before
        #expect(passed >= 20_000_000 && passed < 2_000_000_000)
    }
}
