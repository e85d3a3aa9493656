import ArgumentParser
import LinkLayer
import OperatorInterface

/// Capture files in the place of live traffic.
struct OfflineOptions: ParsableArguments {
    @Option(
        name: [.customLong("offline")], parsing: .unconditional,
        help: .init(
            "Replay these capture files instead of live traffic, comma separated, merged by time: pcap or pcapng, gzip or "
                + "not; - is standard input.",
            valueName: "file"))
    var files: String?

    @Option(
        name: [.customShort("a"), .long], parsing: .unconditional,
        help: .init(
            "Times faster than recorded, or max: as fast as the target answers. (default: 1)", valueName: "factor"),
        transform: readSpeed)
    var speed: PlaybackSettings.Speed?

    @Option(
        name: [.customShort("I"), .customLong("max-gap")], parsing: .unconditional,
        help: .init("Longest pause kept of the recording, ms. (default: none)", valueName: "ms"),
        transform: wholeNumber(0...86_400_000))
    var longestPause: Int?

    @Option(
        name: [.customShort("T"), .customLong("times")], parsing: .unconditional,
        help: .init("Play the files so many times; 0 for until stopped. (default: 1)", valueName: "count"),
        transform: wholeNumber(0...1_000_000_000))
    var rounds: Int?

    /// How to play files; nil for live traffic.
    func settings(capture: CaptureOptions) throws(Refusal) -> PlaybackSettings? {
        guard let text = files else {
            for (option, isGiven) in [("-a", speed != nil), ("-I", longestPause != nil), ("-T", rounds != nil)]
            where isGiven {
                throw Refusal("\(option): concerns files; expected with --offline only")
            }
            return nil
        }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for (index, name) in names.enumerated() {
            guard !name.isEmpty else {
                throw Refusal("--offline '\(text)': a file is expected before and after each comma")
            }
            guard !names[..<index].contains(name) else { throw Refusal("--offline \(text): \(name) is given twice") }
        }
        for (option, isGiven) in capture.given where isGiven {
            throw Refusal("\(option): concerns live traffic; expected without --offline only")
        }
        if let rounds, rounds != 1, names.contains("-") {
            throw Refusal("-T \(rounds): standard input can be read only once; a file is expected")
        }
        if names.contains(CaptureFile.standardInput), !CaptureFile.hasStandardInput {
            throw Refusal("--offline -: standard input is closed", .noInput)
        }
        return PlaybackSettings(
            files: names, speed: speed ?? .times(1), longestPause: longestPause.map { .milliseconds($0) },
            rounds: rounds ?? 1)
    }
}

@Sendable private func readSpeed(_ text: String) throws -> PlaybackSettings.Speed {
    if text == "max" { return .max }
    let isPlain = text.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: ".") }
    guard isPlain, let factor = Double(text), factor >= 0.01, factor <= 1_000_000 else {
        throw Refusal("a number from 0.01 to 1000000, or max, is expected")
    }
    return .times(factor)
}
