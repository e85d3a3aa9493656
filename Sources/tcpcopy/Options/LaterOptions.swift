import ArgumentParser
import OperatorInterface

/// Options whose meaning is settled but which are not built yet: known, shown, and refused.
struct LaterOptions: ParsableArguments {

    @Option(help: later("Write what is captured to pcapng", "file"))
    var record: String?

    @Flag(help: "Copy UDP instead of TCP.")
    var udp = false

    /// Refuses whichever of them was given, except with the value that is in force anyway.
    func check() throws(Refusal) {
        if let record { throw Refusal("--record \(record): not built yet") }
        if udp { throw Refusal("--udp: not built yet") }
    }
}

private func later(_ meaning: String, _ valueName: String) -> ArgumentHelp {
    .init("\(meaning).", valueName: valueName)
}
