import Glibc
import Testing

/// A network of the tests' own: no interface but `lo` at first, gone with the value, also when the process is killed.
final class NetworkNamespace: Sendable {
    private let descriptor: Int32

    /// Whether this process may make one.
    static let areAllowed: Bool = {
        guard geteuid() == 0 else { return false }
        let own = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        defer {
            enter(own)
            close(own)
        }
        return unshare() == 0
    }()

    init() {
        let own = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        precondition(Self.unshare() == 0, "a network namespace can be made by root only")
        descriptor = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        Self.enter(own)
        close(own)
        _ = inside { shell("ip link set lo up") }
    }

    deinit { close(descriptor) }

    /// The name that `ip link set … netns` takes.
    var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// Runs `body` in this network: handles opened there stay there. The body must not suspend.
    func inside<Result: ~Copyable, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let own = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        Self.enter(descriptor)
        defer {
            Self.enter(own)
            close(own)
        }
        return try body()
    }

    // Declared by glibc for _GNU_SOURCE only.
    private static func unshare() -> Int32 {
        function("unshare", as: (@convention(c) (Int32) -> Int32).self)(newNetwork)
    }

    private static func enter(_ descriptor: Int32) {
        let result = function("setns", as: (@convention(c) (Int32, Int32) -> Int32).self)(descriptor, newNetwork)
        precondition(result == 0, "a thread can enter a namespace that is open")
    }

    private static var newNetwork: Int32 { 0x4000_0000 }

    private static func function<Function>(_ name: String, as type: Function.Type) -> Function {
        unsafe unsafeBitCast(dlsym(nil, name), to: type)
    }
}

/// Runs a script with `sh -e` in the network of the calling thread; a failure, and 20 seconds without an end, fail the test.
@discardableResult
func shell(_ command: String, sourceLocation: SourceLocation = #_sourceLocation) -> String {
    guard let stream = unsafe popen("timeout 20 sh -e 2>&1 <<'END'\n\(command)\nEND", "r") else {
        Issue.record("cannot run a shell", sourceLocation: sourceLocation)
        return ""
    }
    var output: [UInt8] = []
    while case let byte = unsafe fgetc(stream), byte != EOF { output.append(UInt8(truncatingIfNeeded: byte)) }
    let status = unsafe pclose(stream)
    let text = String(decoding: output, as: UTF8.self)
    #expect(status == 0, "\(command): \(text)", sourceLocation: sourceLocation)
    return text
}
