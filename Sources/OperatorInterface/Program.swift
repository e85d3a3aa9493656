import ArgumentParser
import Dispatch
import Glibc
import Logging
import SystemPackage

/// A command of this project, from its options to its exit status.
///
/// `main()` parses, checks, goes into the background where asked, and operates. Whatever stands in the way before or
/// after is one line on standard error and an exit status of sysexits(3).
public protocol Program: ParsableCommand {
    /// All that was asked for, checked: what it says is possible as far as can be known before anything is opened.
    associatedtype Plan: Sendable

    var operating: OperatingOptions { get }

    /// Checks every option, against the others too, and opens nothing.
    func plan() throws(Refusal) -> Plan

    /// What the operator should know about options that have no effect; logged at the start.
    var notices: [String] { get }

    /// Does the work, until a signal asks to stop. Calls `started` once everything is open.
    static func operate(_ plan: Plan, console: Console, started: @Sendable () -> Void) async throws -> ExitStatus
}

extension Program {
    public static func main() {
        do {
            let command = try parseAsRoot() as? Self
            guard let command else { throw CleanExit.helpRequest() }
            guard !command.operating.showsVersion else {
                print("\(_commandName) \(Version.text)")
                leave(.success)
            }
            try command.operating.check()
            command.start(try command.plan())
        } catch let refusal as Refusal {
            leave(refusal)
        } catch  where exitCode(for: error) == .success {
            print(fullMessage(for: error), terminator: "")
            leave(.success)
        } catch {
            leave(Refusal(message(for: error)))
        }
    }

    /// From here on there are threads, so this never returns.
    private func start(_ plan: Plan) {
        do {
            let console = try Console(logFile: operating.logFile)
            let background = operating.runsInBackground ? try Background() : nil
            let pidFile = try operating.pidFile.map { path throws(Refusal) in try PIDFile(path) }
            LoggingSystem.bootstrap { [level = operating.logLevel] _ in ConsoleLogHandler(console, level: level) }
            let logger = Logger(label: Self._commandName)
            for notice in notices { logger.notice("\(notice)") }
            Task.detached {
                let status = await Self.run(plan, console: console) { background?.complete() }
                pidFile?.remove()
                Self.leave(status)
            }
        } catch {
            Self.leave(error)
        }
        dispatchMain()
    }

    private static func run(_ plan: Plan, console: Console, started: @Sendable () -> Void) async -> ExitStatus {
        do {
            defer { console.clearStatus() }
            return try await operate(plan, console: console, started: started)
        } catch {
            let refusal = error as? Refusal ?? Refusal("\(error)", .systemError)
            if !console.isStandardError { console.write("\(WallClock.text) error: \(refusal)") }
            complain(refusal)
            return refusal.status
        }
    }

    private static func leave(_ refusal: Refusal) -> Never {
        complain(refusal)
        leave(refusal.status)
    }

    private static func leave(_ status: ExitStatus) -> Never { Glibc.exit(status.rawValue) }

    private static func complain(_ refusal: Refusal) {
        _ = try? FileDescriptor.standardError.writeAll("\(_commandName): \(refusal)\n".utf8)
    }
}
