import Glibc
import Testing

/// The system calls of the calling thread, as strace(1) writes them.
enum SystemCallTrace {
    /// Runs `body` under strace and returns the lines of these calls.
    static func of(_ calls: String, _ body: () -> Void) -> String {
        let thread = threadNumber
        let file = "/tmp/linklayer-trace.\(getpid()).\(thread)"
        // Only this thread is traced; strace says when it has taken hold of it.
        let tracer = shell(
            """
            strace -p \(thread) -qq -s 8 -e trace=\(calls) -o \(file) 2>\(file).messages >/dev/null &
            until [ "$(awk '/^TracerPid/ { print $2 }' /proc/\(getpid())/task/\(thread)/status)" = $! ]; do
                kill -0 $! || { cat \(file).messages; exit 1; }
                sleep 0.01
            done
            echo $!
            """)
        defer { shell("rm -f \(file) \(file).messages") }
        body()
        let number = tracer.filter(\.isNumber)
        // Its first parent has ended, so whether anybody buries it depends on the machine.
        return shell(
            """
            kill -TERM \(number)
            while grep -qs '^State:.[^Z]' /proc/\(number)/status; do sleep 0.01; done
            cat \(file)
            """)
    }

    /// `/proc/thread-self` leads to `1234/task/1235`.
    private static var threadNumber: Int {
        var bytes = [CChar](repeating: 0, count: 64)
        let length = unsafe readlink("/proc/thread-self", &bytes, bytes.count)
        let path = String(decoding: bytes.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return Int(path.split(separator: "/").last ?? "") ?? 0
    }
}
