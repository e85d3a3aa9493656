import OperatorInterface

extension Options {
    /// What is replayed: nothing when traffic is only recorded.
    func rules(isRecording: Bool) throws(Refusal) -> [TransferRule] {
        if let text = copy.transfers { return try TransferRule.list(text, carrier: copy.udp ? .udp : .tcp) }
        guard isRecording else { throw Refusal("-x is missing; expected -x \(TransferRule.shape)") }
        guard capture.filter != nil else {
            throw Refusal("--record without -x: -F is expected, with what to record: 'tcp dst port 80', say")
        }
        for (option, isGiven) in givenToReplay where isGiven {
            throw Refusal("\(option): without -x nothing is replayed; expected with -x only")
        }
        return []
    }

    /// Each option that says how to replay, and whether it was given.
    private var givenToReplay: [(option: String, isGiven: Bool)] {
        [
            ("-s", copy.assistants != nil), ("-L", copy.isLonely), ("--dlinject", injection.dlinject),
            ("-o", injection.outputInterface != nil), ("-M", injection.mtu != nil), ("-D", injection.mss != nil),
            ("-c", clients.addresses != nil), ("-H", clients.localhostAddress != nil), ("-n", clients.copies != 1),
            ("-r", clients.percent != 100), ("-g", clients.ramps), ("-O", clients.onlyFullSessions),
            ("-W", replay.neverWaits), ("--shards", replay.shards.map { $0 > 1 } ?? false),
            ("--dry-run", replay.dryRun),
        ]
    }
}
