import ArgumentParser
import OperatorInterface

/// intercept's command line, in the groups that `--help` shows.
struct Options: ParsableArguments {
    @OptionGroup(title: "Capture") var capture: CaptureOptions
    @OptionGroup(title: "Relay") var relay: RelayOptions
    @OptionGroup(title: "Operation") var operating: OperatingOptions
    @OptionGroup(title: "Accepted for old scripts (ignored)") var retired: RetiredOptions
}
