import ArgumentParser
import LinkLayer
import OperatorInterface

/// The program `intercept`: its command line, and the interception it starts.
@main
struct InterceptCommand: Program {
    static let configuration = CommandConfiguration(
        commandName: "intercept",
        abstract: "Capture the answers of a test host and relay their headers to tcpcopy.",
        usage: "intercept -i INTERFACE[,...] [-F FILTER] [options]",
        discussion:
            "Runs on the assistant, the host to which the test host's route sends its answers. That host must not "
            + "forward IP packets, or the answers reach the real clients. Exit status: 0 when stopped by a signal, 64 "
            + "and above as sysexits(3).")

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
        return try options.configuration(on: interfaces.all.map(\.name))
    }

    static func operate(
        _ configuration: Configuration, console: Console, started: @Sendable () -> Void
    ) async throws -> ExitStatus {
        try Capability.require([.netRaw])
        return try await InterceptRun.run(configuration, console: console, started: started)
    }
}
