import Testing

@testable import ReplayEngine

@Suite struct TargetAdmissionTests {
    private let start = Instant.zero + .seconds(100)

    @Test func `one session is let out, the others once the target has been heard`() {
        var admission = TargetAdmission(startsSafely: true)
        #expect(admission.admits(4, now: start) == true)
        #expect(admission.admits(4, now: start) == true, "the probe may try again")
        #expect(admission.admits(5, now: start) == false)
        #expect(admission.admits(6, now: start) == false)
        #expect(admission.prove() == [5, 6])
        #expect(admission.admits(7, now: start) == true)
        #expect(admission.reportDeadline == .never)
    }

    @Test func `without safe start every session goes`() {
        var admission = TargetAdmission(startsSafely: false)
        #expect(admission.admits(1, now: start) == true)
        #expect(admission.admits(2, now: start) == true)
    }

    @Test func `silence is reported after three seconds and then every thirty`() {
        var admission = TargetAdmission(startsSafely: true)
        #expect(admission.reportDeadline == .never)
        _ = admission.admits(1, now: start)
        #expect(admission.reportDeadline == start + .seconds(3))
        #expect(admission.takeReport(now: start + .milliseconds(2999)) == nil)
        #expect(admission.takeReport(now: start + .seconds(3)) == .seconds(3))
        #expect(admission.takeReport(now: start + .seconds(4)) == nil)
        #expect(admission.reportDeadline == start + .seconds(33))
    }

    @Test func `when the probe ends another takes over`() {
        var admission = TargetAdmission(startsSafely: true)
        _ = admission.admits(1, now: start)
        _ = admission.admits(2, now: start)
        #expect(admission.onProbeEnded(2) == false)
        #expect(admission.onProbeEnded(1) == true)
        #expect(admission.takeWaiting() == 2)
        #expect(admission.takeWaiting() == nil)
        #expect(admission.admits(2, now: start) == true)
        #expect(admission.admits(1, now: start) == false)
        #expect(admission.admits(3, now: start) == false)
        admission.keepWaiting([3])
        #expect(admission.prove() == [3])
    }
}
