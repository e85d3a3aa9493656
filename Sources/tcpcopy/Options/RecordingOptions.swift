import ArgumentParser
import FoundationEssentials
import OperatorInterface

/// What is captured, kept in files.
struct RecordingOptions: ParsableArguments {
    @Option(
        name: .customLong("record"),
        help: .init(
            "Write what is captured to this pcapng file. Without -x nothing is replayed, and -F says what is recorded.",
            valueName: "file"))
    var file: String?

    @Option(
        name: .customLong("record-size"),
        help: .init(
            "Begin the next file when one is that large, MB of 1,000,000 bytes. Files are then numbered. (default: none)",
            valueName: "MB"),
        transform: wholeNumber(1...1_000_000))
    var megabytes: Int?

    @Option(
        name: .customLong("record-time"),
        help: .init(
            "Begin the next file after so many seconds. Files are then numbered. (default: none)", valueName: "s"),
        transform: wholeNumber(1...604_800))
    var seconds: Int?

    @Option(
        name: .customLong("record-keep"),
        help: .init(
            "Keep so many files, and remove the oldest; with --record-size or --record-time. (default: all)",
            valueName: "count"),
        transform: wholeNumber(1...100_000))
    var keptFiles: Int?

    /// What to record; nil for nothing.
    func settings(playsFiles: Bool) throws(Refusal) -> RecordingSettings? {
        guard let file else {
            let others = [("--record-size", megabytes), ("--record-time", seconds), ("--record-keep", keptFiles)]
            for case (let option, let value?) in others {
                throw Refusal("\(option) \(value): concerns a recording; expected with --record only")
            }
            return nil
        }
        guard !playsFiles else {
            throw Refusal("--record \(file): records live traffic; expected without --offline only")
        }
        let rotates = megabytes != nil || seconds != nil
        let settings = RecordingSettings(
            file: try path(of: file, rotates: rotates), largestFile: megabytes.map { $0 * 1_000_000 },
            longestFile: seconds.map { .seconds($0) }, keptFiles: keptFiles)
        if let keptFiles, !rotates {
            throw Refusal(
                "--record-keep \(keptFiles): one file is written; --record-size or --record-time is expected too")
        }
        return settings
    }

    private func path(of file: String, rotates: Bool) throws(Refusal) -> String {
        guard !file.isEmpty else { throw Refusal("--record '': a file is expected") }
        let folder = URL(filePath: file).deletingLastPathComponent().path
        var isFolder = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder else {
            throw Refusal("--record '\(file)': no such folder; a file in an existing folder is expected")
        }
        guard !FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) || !isFolder else {
            throw Refusal("--record '\(file)': is a folder; a file is expected")
        }
        let isThere = FileManager.default.fileExists(atPath: file)
        guard FileManager.default.isWritableFile(atPath: isThere && !rotates ? file : folder) else {
            throw Refusal(
                "--record '\(file)': cannot be written; a file in a folder to write to is expected", .cannotCreate)
        }
        return file
    }
}
