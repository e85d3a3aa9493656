import FoundationEssentials
import LinkLayer
import OperatorInterface
import Wire

extension Options {
    /// Checks each option, and all against each other and against this host: its interfaces, its online processors.
    func configuration(on host: [HostInterface], processors: Int) throws(Refusal) -> Configuration {
        let playback = try offline.settings(capture: capture)
        let recording = try recording.settings(playsFiles: playback != nil)
        let isRotated = recording?.largestFile != nil || recording?.longestFile != nil
        try checkFiles(played: playback?.files ?? [], recorded: isRotated ? nil : recording?.file)
        let rules = try rules(isRecording: recording != nil)
        let interfaces = playback == nil ? try captureInterfaces(for: rules, on: host) : []
        let transfers = try rules.map { rule throws(Refusal) in
            playback == nil
                ? try ResolvedTransfer(rule, listeningOn: interfaces, of: host) : ResolvedTransfer(recorded: rule)
        }
        try checkTargets(of: rules, on: host)
        try checkSizes(for: rules)
        try checkRelayProtocol(for: rules)
        let assistants = try assistants(replays: !rules.isEmpty)
        return Configuration(
            transfers: transfers,
            assistants: assistants,
            startsLonely: copy.isLonely,
            speaksVersion1: copy.relayProtocol == 1,
            playback: playback,
            captureInterfaces: interfaces,
            captureFilter: playback == nil ? try captureFilter(for: transfers) : "",
            derivesCaptureFilter: capture.filter == nil,
            holdsOnlineAddresses: holdOnlineAddresses(interfaces, of: host, transfers),
            captureBufferMebibytes: capture.bufferMebibytes ?? 64,
            snapshotLength: capture.snapshotLength ?? 262_144,
            recording: recording,
            injector: try injector(for: rules, on: host),
            outputInterface: injection.outputInterface,
            mtu: injection.mtu,
            mss: injection.mss,
            clientNetworks: try clientNetworks(for: transfers, assistants, on: host),
            localhostAddress: clients.localhostAddress,
            copies: clients.copies,
            portShift: clients.portShift,
            percent: clients.percent,
            ramps: clients.ramps,
            onlyFullSessions: clients.onlyFullSessions,
            waitsForAnswers: !replay.neverWaits,
            onHole: replay.onHole,
            roundTrip: replay.roundTripMilliseconds.map { .milliseconds($0) },
            sessionTimeout: .seconds(replay.sessionTimeout),
            keepaliveTimeout: .seconds(replay.keepaliveTimeout ?? replay.sessionTimeout + 120),
            memoryLimit: replay.memoryMegabytes * 1_000_000,
            shards: try shards(playsFiles: playback != nil, replays: !rules.isEmpty, processors: processors),
            isDryRun: replay.dryRun,
            ledgerFile: try ledgerFile())
    }

    /// Refuses to write over a file that something else is written to or read from.
    private func checkFiles(played: [String], recorded: String?) throws(Refusal) {
        let written = [
            ("--ledger", replay.ledger), ("--record", recorded), ("-l", operating.logFile), ("-P", operating.pidFile),
        ]
        var known = played.map { ("--offline", $0, FileIdentity(reading: $0)) }
        for case (let option, let path?) in written {
            let identity = FileIdentity(writing: path)
            if let identity, let (other, _, _) = known.first(where: { $0.2 == identity }) {
                throw Refusal("\(option) \(path): is the file of \(other) too; another is expected")
            }
            known.append((option, path, identity))
        }
    }

    /// Files are played by one shard, in the order of their packets; where nothing is replayed, one records.
    private func shards(playsFiles: Bool, replays: Bool, processors: Int) throws(Refusal) -> Int {
        guard replays else { return 1 }
        guard playsFiles else { return replay.shards ?? min(max(1, processors - 1), 64) }
        if let shards = replay.shards, shards > 1 {
            throw Refusal("--shards \(shards): files are played by one; expected without --offline only")
        }
        return 1
    }

    private func assistants(replays: Bool) throws(Refusal) -> [AssistantAddress] {
        guard let text = copy.assistants else {
            guard replays, !replay.dryRun else { return [] }
            throw Refusal("-s is missing; expected -s with the host that runs intercept (or --dry-run)")
        }
        return try AssistantAddress.list(text, defaultPort: UInt16(copy.port))
    }

    /// Those of `-i`; else those that hold the online addresses; else `any`.
    private func captureInterfaces(
        for rules: [TransferRule], on host: [HostInterface]
    ) throws(Refusal) -> [String] {
        guard let text = capture.interfaces else {
            let holders = rules.map { rule in
                host.first { interface in rule.onlineAddress.map(interface.receives) ?? false }?.name
            }
            let names = holders.compactMap { $0 }
            guard !names.isEmpty, names.count == rules.count else { return [anyInterface] }
            return names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for (index, name) in names.enumerated() where name != anyInterface || names.count > 1 {
            guard name != anyInterface else { throw Refusal("-i \(text): 'any' already means all; expected alone") }
            try checkInterface(name, of: "-i", on: host)
            guard !names[..<index].contains(name) else { throw Refusal("-i \(text): \(name) is given twice") }
        }
        return names
    }

    /// An address on the loopback interface is a service's behind a balancer: it may arrive anywhere.
    private func holdOnlineAddresses(
        _ names: [String], of host: [HostInterface], _ transfers: [ResolvedTransfer]
    ) -> Bool {
        let listened = host.filter { names == [anyInterface] || names.contains($0.name) }
        let held = (listened + host.filter(\.isLoopback)).flatMap(\.addresses)
        let wanted = transfers.flatMap(\.onlineAddresses)
        return !listened.contains(where: \.isVRF) && !wanted.isEmpty && wanted.allSatisfy(held.contains)
    }

    private func captureFilter(for transfers: [ResolvedTransfer]) throws(Refusal) -> String {
        guard let filter = capture.filter else { return CaptureFilter.text(for: transfers) }
        do {
            try FilterCheck.compile(filter)
        } catch {
            throw Refusal("-F '\(filter)': \(error.reason); a pcap filter is expected")
        }
        return filter
    }

    private func injector(for rules: [TransferRule], on host: [HostInterface]) throws(Refusal) -> InjectorKind {
        guard !injection.dlinject else {
            if let name = injection.outputInterface { try checkInterface(name, of: "-o", on: host) }
            return injection.injector ?? .pcap
        }
        if let name = injection.outputInterface {
            throw Refusal("-o \(name): raw IP packets leave where the route says; expected with --dlinject only")
        }
        if let injector = injection.injector {
            throw Refusal("--injector \(injector.rawValue): sends frames; expected with --dlinject only")
        }
        if let rule = rules.first(where: { $0.sourceMAC != nil || $0.nextHopMAC != nil }) {
            throw Refusal("-x \(rule): raw IP packets have no MAC; '@MAC' is expected with --dlinject only")
        }
        return .raw
    }

    private func clientNetworks(
        for transfers: [ResolvedTransfer], _ assistants: [AssistantAddress], on host: [HostInterface]
    ) throws(Refusal) -> ClientNetworks? {
        guard let text = clients.addresses else { return nil }
        let networks = try ClientNetworks(text)
        if let address = clients.localhostAddress {
            throw Refusal("-H \(address): -c already replaces all client addresses; one of both is expected")
        }
        try networks.check(against: transfers, assistants, host)
        return networks
    }

    private func checkTargets(of rules: [TransferRule], on host: [HostInterface]) throws(Refusal) {
        for rule in rules {
            guard let own = host.first(where: { $0.addresses.contains(rule.target.address) }) else { continue }
            throw Refusal("-x \(rule): the target's address is this host's, on \(own.name); another host is expected")
        }
    }

    private func checkRelayProtocol(for rules: [TransferRule]) throws(Refusal) {
        guard copy.relayProtocol == 1 else { return }
        if let rule = rules.first(where: \.carrier.isUDP) {
            throw Refusal("-x \(rule): --relay-protocol 1 knows no UDP; TCP is expected")
        }
        guard let rule = rules.first(where: { !$0.target.address.isIPv4 }) else { return }
        throw Refusal("-x \(rule): --relay-protocol 1 knows no IPv6; IPv4 is expected")
    }

    private func checkSizes(for rules: [TransferRule]) throws(Refusal) {
        guard let mtu = injection.mtu else { return }
        let hasIPv6 = rules.contains { !$0.target.address.isIPv4 }
        // RFC 8200, section 5: every link carries 1280 bytes.
        if hasIPv6, mtu < 1280 { throw Refusal("-M \(mtu): with an IPv6 target, 1280 to 65535 is expected") }
        let largest = mtu - (hasIPv6 ? 60 : 40)
        if let mss = injection.mss, mss > largest {
            throw Refusal("-D \(mss): does not fit -M \(mtu); at most \(largest) is expected")
        }
    }

    private func ledgerFile() throws(Refusal) -> String? {
        guard let path = replay.ledger else { return nil }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        var isFolder = false
        guard !path.isEmpty, FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder else {
            throw Refusal("--ledger '\(path)': no such folder; a file in an existing folder is expected")
        }
        guard !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) || !isFolder else {
            throw Refusal("--ledger '\(path)': is a folder; a file is expected")
        }
        return path
    }

    private func checkInterface(_ name: String, of option: String, on host: [HostInterface]) throws(Refusal) {
        guard !host.contains(where: { $0.name == name }) else { return }
        let names = host.map(\.name).joined(separator: ", ")
        throw Refusal("\(option) \(name): no such interface; one of \(names) is expected")
    }
}

/// The device that stands for all interfaces.
let anyInterface = "any"
