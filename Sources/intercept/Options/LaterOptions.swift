import ArgumentParser
import OperatorInterface

/// Options whose meaning is settled but which are not built yet: known, shown, and refused.
struct LaterOptions: ParsableArguments {
    @Option(help: .init("Capture sockets; 1 is allowed.", valueName: "count"))
    var shards: String?

    /// Refuses whichever of them was given, except with the value that is in force anyway.
    func check() throws(Refusal) {
        if let shards, shards != "1" { throw Refusal("--shards \(shards): not built yet") }
    }
}
