import Glibc

/// How often one batch may wait for a full queue, so that a stuck link delays its event loop by milliseconds at most.
struct Patience {
    private var left = 16

    /// Waits a little for room; false when the batch has waited enough.
    mutating func wait(after code: Int32, on descriptor: Int32) -> Bool {
        guard left > 0 else { return false }
        left -= 1
        if code == EAGAIN {
            _ = SystemCall.wait(for: POLLOUT, on: descriptor, milliseconds: 1)
        } else {
            // ENOBUFS: the interface's own queue is full, which no poll tells about.
            usleep(50)
        }
        return true
    }
}
