import ArgumentParser
import OperatorInterface

/// Options whose meaning is settled but which are not built yet: known, shown, and refused.
struct LaterOptions: ParsableArguments {

    @Option(help: later("Protocol spoken with intercept; 2 is allowed, 1 is that of TCPCopy 1.x", "version"))
    var relayProtocol: String?

    @Option(help: later("Write what is captured to pcapng", "file"))
    var record: String?

    @Flag(help: "Copy UDP instead of TCP.")
    var udp = false

    /// Refuses whichever of them was given, except with the value that is in force anyway.
    func check() throws(Refusal) {
        let given: [(option: String, value: String?)] = [
            ("--relay-protocol", relayProtocol == "2" ? nil : relayProtocol),
            ("--record", record),
        ]
        for case (let option, let value?) in given { throw Refusal("\(option) \(value): not built yet") }
        if udp { throw Refusal("--udp: not built yet") }
    }
}

private func later(_ meaning: String, _ valueName: String) -> ArgumentHelp {
    .init("\(meaning).", valueName: valueName)
}
