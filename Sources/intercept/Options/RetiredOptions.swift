import ArgumentParser

/// Options of TCPCopy that old scripts still give and that mean nothing here.
struct RetiredOptions: ParsableArguments {
    @Option(name: .customShort("s"), help: .init("Hash size.", valueName: "number"))
    var hashSize: String?

    @Option(name: .customShort("n"), help: .init("Batch size.", valueName: "number"))
    var batchSize: String?

    /// One sentence for each that was given.
    var notices: [String] {
        [("-s", hashSize), ("-n", batchSize)].compactMap { option, value in
            value.map { "\(option) \($0) has no effect: it is accepted for old scripts" }
        }
    }
}
