import ArgumentParser
import FoundationEssentials
import LinkLayer
import OperatorInterface

/// The program `tcpcopy`: its command line, and the replay it starts.
@main
struct TcpcopyCommand: Program {
    static let configuration = CommandConfiguration(
        commandName: "tcpcopy",
        abstract: "Replay live TCP and UDP traffic to a test host, which takes it for that of real clients.",
        usage: "tcpcopy -x TRANSFER[,TRANSFER...] -s ASSISTANT[:PORT][,...] [options]",
        discussion:
            "Its partner on the assistant host is intercept. Exit status: 0 every selected exchange was answered, "
            + "1 some failed or were shed, 64 and above as sysexits(3).")

    @OptionGroup var options: Options

    var operating: OperatingOptions { options.operating }
    var notices: [String] { options.retired.notices }

    func plan() throws(Refusal) -> Configuration {
        let interfaces: Interfaces
        do {
            interfaces = try Interfaces()
        } catch {
            throw Refusal("\(error)", .systemError)
        }
        return try options.configuration(
            on: interfaces.all.map(HostInterface.init), processors: ProcessInfo.processInfo.activeProcessorCount)
    }

    static func operate(
        _ configuration: Configuration, console: Console, started: @Sendable () -> Void
    ) async throws -> ExitStatus {
        if configuration.playback == nil || !configuration.isDryRun { try Capability.require([.netRaw]) }
        return try await Replay.run(configuration, console: console, started: started)
    }
}
