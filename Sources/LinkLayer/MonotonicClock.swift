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
}
