import Foundation
import Glibc
import Testing

/// `intercept` and `tcpcopy` at work in a lab.
struct Replay {
    let lab: Lab
    let intercepts: [HostProcess]
    let tcpcopy: HostProcess
    let ledgerPath: String

    /// How frames are sent: by an injector at the data link, or as raw IP.
    enum Injection: String, CaseIterable, CustomTestStringConvertible {
        case libnet, pcap, packet, raw

        var options: [String] {
            self == .raw ? [] : ["--dlinject", "--injector", rawValue, "-o", "eth0"]
        }
        var testDescription: String { rawValue }
    }

    /// Starts one `intercept` on each assistant, then `tcpcopy` on `host`, and waits until both capture.
    ///
    /// - Parameter launcher: what becomes tcpcopy in the end.
    init(
        _ transfer: String, in lab: Lab, on host: String = "online", injection: Injection = .packet,
        listeningOn interface: String = "eth0", assistants: [String] = ["assistant"], family: Int = 4,
        intercepts running: [HostProcess]? = nil, launcher: [String] = [],
        options: [String] = []
    ) async throws {
        self.lab = lab
        if let running {
            intercepts = running
        } else {
            intercepts = try await Replay.startIntercepts(on: assistants, in: lab)
        }
        var addresses: [String] = []
        for assistant in assistants {
            let address = try await lab.address(of: assistant, family: family)
            addresses.append(family == 6 ? "[\(address)]" : address)
        }
        ledgerPath = "\(lab.folder)/ledger-\(host).json"
        tcpcopy = try lab.start(
            on: host,
            launcher + [
                Project.program("tcpcopy"), "-x", transfer, "-s", addresses.joined(separator: ","), "-i", interface,
                "--ledger", ledgerPath,
            ] + injection.options + options,
            label: "tcpcopy-\(host)")
        try await captures()
    }

    static func startIntercepts(
        on assistants: [String], in lab: Lab, command: [String] = [Project.program("intercept"), "-i", "eth0"]
    ) async throws -> [HostProcess] {
        var started: [HostProcess] = []
        for assistant in assistants {
            let intercept = try lab.start(on: assistant, command, label: "intercept-\(assistant)")
            try await intercept.listens(on: 36524)
            started.append(intercept)
        }
        return started
    }

    /// Waits until tcpcopy is connected to every assistant and both sides capture.
    func captures() async throws {
        try await eventually("tcpcopy and intercept are ready; tcpcopy printed:\n\(tcpcopy.output.suffix(2000))") {
            guard tcpcopy.isRunning else {
                throw NeverHappened(description: "'\(tcpcopy.command)' ended:\n\(tcpcopy.output.suffix(2000))")
            }
            let relays = tcpcopy.sockets.count { $0.state == .established && $0.remotePort == 36524 }
            // A large ring is there some time after its socket. The threads that wait for frames start when all rings are there.
            return try relays >= intercepts.count && tcpcopy.threadPolicies.contains { $0.name.hasPrefix("capture") }
                && intercepts.allSatisfy { $0.packetSockets > 0 }
        }
        try await settled("the capture sockets") { [tcpcopy.packetSockets] + intercepts.map(\.packetSockets) }
    }

    /// Waits until the ledger, asked for again and again while tcpcopy runs, holds `text`.
    func reports(_ text: String) async throws {
        var asked = ContinuousClock.now - .seconds(1)
        try await eventually("tcpcopy reports '\(text)'; it printed:\n\(tcpcopy.output.suffix(2000))") {
            if ContinuousClock.now - asked > .milliseconds(200) {
                tcpcopy.send(SIGUSR1)
                asked = .now
            }
            return tcpcopy.output.contains(text)
        }
    }

    /// How many file descriptors tcpcopy and each intercept hold.
    var openDescriptors: [Int] { [tcpcopy.openDescriptors] + intercepts.map(\.openDescriptors) }

    /// Waits until the target has nothing more to say, ends both programs by SIGINT and returns tcpcopy's ledger.
    func finish(expecting status: Int32 = 0) async throws -> LedgerFile {
        try await finish(expecting: status...status)
    }

    /// The same where it is the ledger that tells whether something was lost.
    func finish(expecting statuses: ClosedRange<Int32>) async throws -> LedgerFile {
        try await settled("what the assistants receive") { intercepts.map(\.receivedPackets) }
        let exit = try await tcpcopy.stop(SIGINT, within: .seconds(60))
        for intercept in intercepts { try await intercept.stop(SIGINT) }
        // The network library says so, and goes on, where it is used after its end.
        for program in [tcpcopy] + intercepts where program.output.contains("ERROR: ") {
            throw NeverHappened(description: "'\(program.command)' complained:\n\(program.output.suffix(2000))")
        }
        guard statuses.contains(exit) else {
            throw NeverHappened(description: "tcpcopy ended with \(exit):\n\(tcpcopy.output.suffix(4000))")
        }
        return try LedgerFile(path: ledgerPath)
    }
}
