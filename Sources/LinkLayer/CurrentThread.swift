import Glibc

/// The thread that asks.
public enum CurrentThread {
    /// SCHED_BATCH of linux/sched.h, which the C library has for _GNU_SOURCE only.
    private static let batch: Int32 = 3

    /// From now on it takes a core from nobody who is at work when it wakes up, but waits for its turn (SCHED_BATCH, sched(7)); so
    /// do the threads that it starts. A policy that somebody has chosen for it is left alone.
    public static func letOthersFinish() {
        guard sched_getscheduler(0) == SCHED_OTHER else { return }
        var parameters = sched_param()
        parameters.sched_priority = 0
        _ = unsafe sched_setscheduler(0, batch, &parameters)
    }
}
