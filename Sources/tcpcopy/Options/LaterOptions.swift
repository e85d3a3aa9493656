import ArgumentParser
import OperatorInterface

/// Options whose meaning is settled but which are not built yet: known, shown, and refused.
struct LaterOptions: ParsableArguments {
    @Flag(help: "Copy UDP instead of TCP.")
    var udp = false

    /// Refuses whichever of them was given, except with the value that is in force anyway.
    func check() throws(Refusal) {
        if udp { throw Refusal("--udp: not built yet") }
    }
}
