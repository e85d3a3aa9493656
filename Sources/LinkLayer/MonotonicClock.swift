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

    /// Blocks the thread so long, or until a signal comes.
    public static func sleep(milliseconds: Int64) {
        var time = timespec()
        time.tv_sec = Int(milliseconds / 1_000)
        time.tv_nsec = Int(milliseconds % 1_000 * 1_000_000)
        // A signal may end it early, which does no harm.
        _ = unsafe nanosleep(&time, nil)
    }

    /// What to add to the monotonic clock to get nanoseconds since the epoch, now: the time of day may be set.
    public static var offsetFromEpoch: Int64 {
        var best = (width: Int64.max, offset: Int64(0))
        var left = readings
        // A thread that loses its core between the readings of the two clocks would find them that much further apart.
        while best.width > closeTogether, left > 0 {
            left -= 1
            let before = now
            var time = timespec()
            unsafe clock_gettime(CLOCK_REALTIME, &time)
            let width = now &- before
            guard width < best.width else { continue }
            let middle = before &+ width / 2
            best = (width, Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec) &- middle)
        }
        return best.offset
    }

    /// Readings of both clocks within so many nanoseconds are as good as one.
    private static let closeTogether: Int64 = 20_000
    private static let readings = 3
}
