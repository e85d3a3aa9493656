import CPcap  // Where the compiler finds the members of timespec.
import Glibc

/// The clock that everything inside is timed by: it never goes back and does not follow the time of day.
public enum MonotonicClock {
    /// Nanoseconds of CLOCK_MONOTONIC.
    public static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// What to add to the monotonic clock to get nanoseconds since the epoch, now: the time of day may be set.
    public static var offsetFromEpoch: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec) &- now
    }
}
