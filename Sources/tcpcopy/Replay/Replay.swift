import HeaderRelay
import LinkLayer
import Logging
import NIOCore
import NIOPosix
import OperatorInterface
import ReplayEngine
import Wire

/// One run of the replay, as the operator follows it: from opening everything to the ledger.
struct Replay {
    private let configuration: Configuration
    private let console: Console
    private var live: LiveReplay
    private let logger = Logger(label: "tcpcopy")
    private let occasions: AsyncStream<Occasion>.Continuation
    private var roll: AssistantRoll
    /// The transfers whose target was heard.
    private var proven: Set<Int> = []
    /// When an unheard target was last spoken of.
    private var silences: [Int: NIODeadline] = [:]
    private var captureFailures: Set<String> = []
    private var lastReport: LedgerReport?

    /// What the program waits for while the shards work.
    private enum Occasion: Sendable {
        case stop
        case report
        case status
        case ledger
        case patienceOver
        case event(ShardEvent)
    }

    /// How long the assistants may take to answer at the start.
    private static let assistantPatience = TimeAmount.seconds(3)
    /// How long exchanges may go on, and sessions take to close, after the wish to stop.
    private static let stoppingPatience = TimeAmount.seconds(3)
    private static let closingPatience = TimeAmount.milliseconds(200)
    private static let ledgerInterval = TimeAmount.seconds(30)
    /// Shorter than what the engine keeps between two reminders.
    private static let silenceInterval = TimeAmount.seconds(20)

    static func run(
        _ configuration: Configuration, console: Console, started: @Sendable () -> Void
    ) async throws -> ExitStatus {
        let (stream, continuation) = AsyncStream.makeStream(of: Occasion.self)
        let signals = Signals(console: console) { continuation.yield($0 == .stop ? .stop : .report) }
        defer { withExtendedLifetime(signals) {} }
        let live = try await LiveReplay.open(configuration) { continuation.yield(.event($0)) }
        var replay = Replay(configuration: configuration, console: console, live: live, occasions: continuation)
        var iterator = stream.makeAsyncIterator()
        guard try await replay.awaitAssistants(&iterator) else { return .success }
        try await replay.live.startCapturing()
        started()
        await replay.follow(&iterator)
        return try await replay.finish()
    }

    private init(
        configuration: Configuration, console: Console, live: LiveReplay, occasions: AsyncStream<Occasion>.Continuation
    ) {
        self.configuration = configuration
        self.console = console
        self.live = live
        roll = AssistantRoll(shards: configuration.shards)
        self.occasions = occasions
    }

    /// Waits until every assistant relays; false when the operator stops before.
    private mutating func awaitAssistants(_ iterator: inout AsyncStream<Occasion>.Iterator) async throws -> Bool {
        try await live.startRelays()
        guard configuration.replays, !configuration.startsLonely, !configuration.isDryRun else { return true }
        live.loop.scheduleTask(in: Self.assistantPatience) { [occasions] in occasions.yield(.patienceOver) }
        while !missingAssistants.isEmpty, let occasion = await iterator.next() {
            switch occasion {
            case .event(let event): tell(event)
            case .stop: return false
            case .patienceOver:
                let missing = missingAssistants
                let reason = missing.first.flatMap { roll.loss(of: $0) }?.description ?? "no answer"
                throw Refusal(
                    "-s \(missing.joined(separator: ",")): intercept does not answer (\(reason)); start it there first, or "
                        + "give -L to start without", .unavailable)
            case .report, .status, .ledger: break
            }
        }
        return true
    }

    private var missingAssistants: [String] {
        configuration.assistants.map(\.description).filter { !roll.isRelaying($0) }
    }

    /// Tells what happens until the operator stops.
    private mutating func follow(_ iterator: inout AsyncStream<Occasion>.Iterator) async {
        let status = TimeAmount(console.statusInterval)
        let ticks = [
            live.loop.scheduleRepeatedTask(initialDelay: status, delay: status) { [occasions] _ in
                occasions.yield(.status)
            },
            live.loop.scheduleRepeatedTask(initialDelay: Self.ledgerInterval, delay: Self.ledgerInterval) {
                [occasions] _ in
                occasions.yield(.ledger)
            },
        ]
        defer { for tick in ticks { tick.cancel() } }
        while let occasion = await iterator.next() {
            switch occasion {
            case .event(let event):
                tell(event)
                if case .played = event { return }
                if case .recordingFailed = event, !configuration.replays { return }
            case .stop:
                guard configuration.replays else { return }
                return logger.notice("stopping: waiting for what is on its way, then closing the sessions")
            case .report: console.write(LedgerText(await report()).lines)
            case .status: await showStatus()
            case .ledger: writeLedger(await report())
            case .patienceOver: break
            }
        }
    }

    /// Lets exchanges come to their end, closes all sessions, prints the ledger.
    private mutating func finish() async throws -> ExitStatus {
        try await live.stopCapturing()
        await awaitQuiet(for: Self.stoppingPatience)
        try await live.endSessions()
        try await live.loop.scheduleTask(in: Self.closingPatience) {}.futureResult.get()
        await live.finishRecording()
        let report = try await live.report(isFinal: true)
        try await live.close()
        console.clearStatus()
        console.write(LedgerText(report).lines)
        writeLedger(report)
        if let failure = report.playbackFailure { throw failure }
        if let failure = report.recordingFailure, !configuration.replays { throw failure }
        return report.exitStatus
    }

    private func awaitQuiet(for patience: TimeAmount) async {
        let end = NIODeadline.now() + patience
        while NIODeadline.now() < end {
            guard (try? await live.isQuiet()) == false else { return }
            try? await live.loop.scheduleTask(in: .milliseconds(10)) {}.futureResult.get()
        }
    }

    private func report() async -> LedgerReport {
        (try? await live.report(isFinal: false)) ?? LedgerReport(transfers: [])
    }

    private mutating func showStatus() async {
        let report = await report()
        let text = StatusText(report, since: lastReport)
        if console.isTerminal {
            console.showStatus(text.line)
        } else {
            for line in text.block { logger.notice("\(line)") }
        }
        lastReport = report
    }

    private func writeLedger(_ report: LedgerReport) {
        guard let path = configuration.ledgerFile else { return }
        do {
            try LedgerJSON(report).write(to: path)
        } catch {
            logger.error("\(error)")
        }
    }

    private mutating func tell(_ event: ShardEvent) {
        switch event {
        case .relayConnected(let assistant):
            guard roll.connected(assistant) else { return }
            logger.notice("intercept on \(assistant) relays the target's answers")
        case .relayUnreachable(let assistant, let loss):
            guard roll.unreachable(assistant, loss), configuration.startsLonely else { return }
            logger.warning("intercept on \(assistant) does not answer (\(loss)); trying again")
        case .relayLost(let assistant, let loss):
            guard roll.lost(assistant, loss) else { return }
            logger.warning("intercept on \(assistant) was lost: \(loss); sessions live on, trying again")
        case .nextHopChanged(let transfer, let addressing?):
            logger.notice("frames to \(target(transfer)) now leave by \(addressing)")
        case .nextHopChanged(let transfer, nil):
            logger.warning(
                "no way to \(target(transfer)) any more: its packets are refused until a route is there again")
        case .captureFailed(let refusal):
            guard captureFailures.insert("\(refusal)").inserted else { return }
            logger.error("\(refusal); nothing more is captured there")
        case .recordingFailed(let refusal):
            if configuration.replays { logger.error("\(refusal); nothing more is recorded") }
        case .fileFailed(let refusal): logger.error("\(refusal); the other files are played on")
        case .played(let isWhole): if isWhole { logger.notice("the files were played to their end") }
        case .replay(let event): tell(event)
        }
    }

    private mutating func tell(_ event: ReplayEvent) {
        switch event {
        case .targetProven(let transfer):
            guard proven.insert(transfer).inserted else { return }
            live.targetProven(transfer)
            logger.notice("\(target(transfer)) answers, and its answers are relayed: all sessions go")
        case .targetSilent(let transfer, let waiting, let held):
            // Every shard with a session says so; once is enough.
            guard silences[transfer].map({ $0 + Self.silenceInterval < .now() }) ?? true else { return }
            silences[transfer] = .now()
            let seconds = waiting.nanoseconds / 1_000_000_000
            guard !configuration.transfers[transfer].carrier.isUDP else {
                logger.warning("\(Self.datagramSilence(target(transfer), seconds: seconds, held: held))")
                return
            }
            logger.warning(
                """
                no answer of \(target(transfer)) has been relayed for \(seconds) s; \(held) more sessions\
                \(configuration.shards > 1 ? " of one shard" : "") are held. Look at: \
                the service on the target; the route on the target (scripts/routing/target-route check there); intercept's \
                interface on the assistant
                """)
        case .sessionShed(let flow, let reason): logger.info("gave up \(flow): \(reason.words)")
        }
    }

    private static func datagramSilence(_ target: String, seconds: Int64, held: Int) -> String {
        """
        no answer of \(target) by UDP has been relayed for \(seconds) s; \(held) more datagrams are held, each for 10 s. Look \
        at: the service on the target; the route on the target (scripts/routing/target-route check --udp there); intercept's \
        interface on the assistant. If nobody answers there by intention, write udp-oneway/ in -x
        """
    }

    private func target(_ transfer: Int) -> String { "\(configuration.transfers[transfer].target)" }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        self = .nanoseconds(Interval(duration).nanoseconds)
    }
}
