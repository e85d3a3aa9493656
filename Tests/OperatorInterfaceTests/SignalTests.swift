import Dispatch
import Glibc
import OperatorInterface
import Testing

/// Waits for as long as the signals of a test take, then ends with a status that no test expects.
private func waitForSignals() -> Never {
    sleep(100)
    _exit(99)
}

@Test func `the first SIGINT asks to stop, the second ends at once with 130`() async {
    await #expect(processExitsWith: .exitCode(130)) {
        let signals = Signals(console: try Console()) { request in
            if request == .stop { kill(getpid(), SIGINT) }
        }
        kill(getpid(), SIGINT)
        withExtendedLifetime(signals) { waitForSignals() }
    }
}

@Test func `SIGTERM after SIGINT ends at once with 143`() async {
    await #expect(processExitsWith: .exitCode(143)) {
        let signals = Signals(console: try Console()) { request in
            if request == .stop { kill(getpid(), SIGTERM) }
        }
        kill(getpid(), SIGINT)
        withExtendedLifetime(signals) { waitForSignals() }
    }
}

@Test func `one SIGTERM asks to stop and leaves the time to do so`() async {
    await #expect(processExitsWith: .exitCode(3)) {
        let signals = Signals(console: try Console()) { request in _exit(request == .stop ? 3 : 4) }
        kill(getpid(), SIGTERM)
        withExtendedLifetime(signals) { waitForSignals() }
    }
}

@Test func `SIGUSR1 asks for the ledger as often as it comes; SIGHUP and SIGPIPE end nothing`() async {
    await #expect(processExitsWith: .exitCode(5)) {
        let signals = Signals(console: try Console()) { request in
            switch request {
            case .report: kill(getpid(), SIGTERM)
            case .stop: _exit(5)
            }
        }
        kill(getpid(), SIGHUP)
        kill(getpid(), SIGPIPE)
        kill(getpid(), SIGUSR1)
        withExtendedLifetime(signals) { waitForSignals() }
    }
}

@Test func `who starts a program in the background waits until it is up, and learns it by exit status 0`() async {
    await #expect(processExitsWith: .exitCode(0)) {
        try Background().complete()
        _exit(3)
    }
}

@Test func `who starts a program in the background gets the status of one that does not come up`() async {
    await #expect(processExitsWith: .exitCode(69)) {
        let background = try Background()
        withExtendedLifetime(background) { _exit(69) }
    }
}
