import ArgumentParser
import OperatorInterface
import Wire

/// tcpcopy's command line, in the groups that `--help` shows.
struct Options: ParsableArguments {
    @OptionGroup(title: "What to copy") var copy: CopyOptions
    @OptionGroup(title: "Capture") var capture: CaptureOptions
    @OptionGroup(title: "Recording") var recording: RecordingOptions
    @OptionGroup(title: "Capture files") var offline: OfflineOptions
    @OptionGroup(title: "Injection") var injection: InjectionOptions
    @OptionGroup(title: "Clients") var clients: ClientOptions
    @OptionGroup(title: "Replay") var replay: ReplayOptions
    @OptionGroup(title: "Operation") var operating: OperatingOptions
    @OptionGroup(title: "Accepted for old scripts (ignored)") var retired: RetiredOptions
}
