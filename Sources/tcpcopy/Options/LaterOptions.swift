import ArgumentParser
import OperatorInterface

/// Options whose meaning is settled but which are not built yet: known, shown, and refused.
struct LaterOptions: ParsableArguments {
    @Option(name: [.customShort("c"), .long], help: later("Replace client addresses by these", "addresses"))
    var clientAddress: String?

    @Option(name: [.customShort("n"), .long], help: later("Replay every session this many times", "count"))
    var copies: String?

    @Option(name: [.customShort("f"), .long], help: later("Keep several tcpcopy hosts apart", "number"))
    var portShift: String?

    @Option(name: [.customShort("r"), .long], help: later("Share of sessions replayed", "percent"))
    var percent: String?

    @Flag(name: [.customShort("g"), .long], help: "Grow that share by 1 point a second.")
    var ramp = false

    @Flag(name: [.customShort("O"), .long], help: "Ignore sessions whose SYN was not seen.")
    var onlyFullSessions = false

    @Option(name: [.customShort("m"), .long], help: later("Memory it may hold", "MB"))
    var memory: String?

    @Option(help: later("Worker event loops; 1 is allowed", "count"))
    var shards: String?

    @Option(help: later("Protocol spoken with intercept; 2 is allowed, 1 is that of TCPCopy 1.x", "version"))
    var relayProtocol: String?

    @Option(help: later("Replay capture files instead of live traffic", "files"))
    var offline: String?

    @Option(name: [.customShort("a"), .long], help: later("Offline: times faster than recorded", "factor"))
    var speed: String?

    @Option(name: [.customShort("I"), .long], help: later("Offline: longest pause kept", "ms"))
    var maxGap: String?

    @Option(name: [.customShort("T"), .long], help: later("Offline: play the file this many times", "count"))
    var times: String?

    @Option(help: later("Write what is captured to pcapng", "file"))
    var record: String?

    @Flag(help: "Copy UDP instead of TCP.")
    var udp = false

    /// Refuses whichever of them was given, except with the value that is in force anyway.
    func check() throws(Refusal) {
        let given: [(option: String, value: String?)] = [
            ("-c", clientAddress), ("-n", copies), ("-f", portShift), ("-r", percent), ("-m", memory),
            ("--shards", shards == "1" ? nil : shards),
            ("--relay-protocol", relayProtocol == "2" ? nil : relayProtocol),
            ("--offline", offline), ("-a", speed), ("-I", maxGap), ("-T", times), ("--record", record),
        ]
        for case (let option, let value?) in given { throw Refusal("\(option) \(value): not built yet") }
        for (option, isGiven) in [("-g", ramp), ("-O", onlyFullSessions), ("--udp", udp)] where isGiven {
            throw Refusal("\(option): not built yet")
        }
    }
}

private func later(_ meaning: String, _ valueName: String) -> ArgumentHelp {
    .init("\(meaning).", valueName: valueName)
}
