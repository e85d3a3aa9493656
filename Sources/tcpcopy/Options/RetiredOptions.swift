import ArgumentParser

/// Options of TCPCopy that old scripts still give and that mean nothing here.
struct RetiredOptions: ParsableArguments {
    @Option(name: .customShort("U"), help: .init("Session pool.", valueName: "number"))
    var sessionPool: String?

    @Option(name: .customShort("C"), help: .init("Connections to each assistant.", valueName: "number"))
    var connections: String?

    /// One sentence for each that was given.
    var notices: [String] {
        [("-U", sessionPool), ("-C", connections)].compactMap { option, value in
            value.map { "\(option) \($0) has no effect: it is accepted for old scripts" }
        }
    }
}
