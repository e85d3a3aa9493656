import HeaderRelay
import LinkLayer
import Logging
import NIOCore
import NIOPosix
import OperatorInterface

/// One run of intercept, as the operator follows it: from opening everything to the account of what it did.
struct InterceptRun {
    private let configuration: Configuration
    private let console: Console
    private let group: MultiThreadedEventLoopGroup
    private let interception: NIOLoopBound<Interception>
    /// What makes occasions as time goes by.
    private let ticks: [RepeatedTask]
    private let logger = Logger(label: "intercept")

    /// What the program waits for while the loop works.
    private enum Occasion: Sendable {
        case stop
        case report
        case status
        /// A second has gone by.
        case tick
    }

    static func run(
        _ configuration: Configuration, console: Console, started: @Sendable () -> Void
    ) async throws -> ExitStatus {
        do {
            try ForwardingCheck.run(on: configuration.interfaces)
        } catch {
            guard configuration.allowsForwarding else { throw error }
            Logger(label: "intercept").warning("\(error)")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.shards)
        let loops = Array(group.makeIterator())
        let (occasions, continuation) = AsyncStream.makeStream(of: Occasion.self)
        let signals = Signals(console: console) { continuation.yield($0 == .stop ? .stop : .report) }
        defer { withExtendedLifetime(signals) {} }
        let interception = try await open(configuration, on: loops)
        let ticks = [(TimeAmount.seconds(1), Occasion.tick), (TimeAmount(console.statusInterval), .status)].map {
            (interval, occasion) in
            loops[0].scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in continuation.yield(occasion) }
        }
        let run = InterceptRun(
            configuration: configuration, console: console, group: group, interception: interception, ticks: ticks)
        started()
        run.logger.notice(
            "ready: nothing is captured until tcpcopy asks for it",
            metadata: [
                "interface": "\(configuration.interfaces.joined(separator: ","))", "port": "\(configuration.port)",
            ])
        return try await run.follow(occasions)
    }

    private static func open(
        _ configuration: Configuration, on loops: [any EventLoop]
    ) async throws -> NIOLoopBound<Interception> {
        do {
            let interception = try await loops[0].submit {
                NIOLoopBound(try Interception(configuration, on: loops), eventLoop: loops[0])
            }.get()
            try await loops[0].flatSubmit { interception.value.listen() }.get()
            return interception
        } catch let refusal as SystemRefusal {
            throw Refusal("-i: \(refusal)", refusal.isMissingPrivilege ? .noPermission : .unavailable)
        } catch let loss as RelayLoss {
            let address = configuration.address.map { "-b \($0) " } ?? ""
            throw Refusal("\(address)-p \(configuration.port): cannot listen for tcpcopy: \(loss)", .unavailable)
        }
    }

    private func follow(_ occasions: AsyncStream<Occasion>) async throws -> ExitStatus {
        var lastReport: InterceptReport?
        for await occasion in occasions {
            switch occasion {
            case .stop: return try await finish()
            case .report: console.write(try await report().lines)
            case .status:
                let report = try await report()
                if console.isTerminal {
                    console.showStatus(report.line(since: lastReport))
                } else {
                    logger.notice("\(report.line(since: lastReport))")
                }
                lastReport = report
            case .tick:
                do {
                    if !configuration.allowsForwarding { try ForwardingCheck.run(on: configuration.interfaces) }
                } catch {
                    logger.error("stopping: \(error)")
                    _ = try await finish()
                    throw error
                }
                try await interception.eventLoop.submit { [interception] in interception.value.tend() }.get()
            }
        }
        return .success
    }

    private func finish() async throws -> ExitStatus {
        // Before their loop ends: it complains about being asked afterwards.
        for tick in ticks { tick.cancel() }
        try await interception.eventLoop.submit { [interception] in interception.value.stop() }.get()
        let report = try await report()
        try await group.shutdownGracefully()
        console.clearStatus()
        console.write(report.lines)
        return .success
    }

    private func report() async throws -> InterceptReport {
        try await interception.eventLoop.flatSubmit { [interception] in interception.value.report() }.get()
    }
}
