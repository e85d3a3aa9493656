import LinkLayer
import Wire

/// What tcpcopy was asked to do, checked as far as it can be before anything is opened.
struct Configuration: Equatable, Sendable {
    /// What to do with a session of which capture lost bytes for good.
    enum HolePolicy: String, CaseIterable, Sendable {
        /// Carry it on over a new connection, from the next exchange.
        case reopen
        case end
    }

    /// No two of them copy the same packet; none when traffic is only recorded.
    var transfers: [ResolvedTransfer]
    /// Empty in a dry run, and when traffic is only recorded.
    var assistants: [AssistantAddress]
    /// Start although no assistant answers.
    var startsLonely = false
    /// Whether these speak the relay protocol of TCPCopy 1.x, which knows IPv4 only.
    var speaksVersion1 = false

    /// Capture files to play in the place of live traffic.
    var playback: PlaybackSettings?
    /// Interfaces to listen to, or `any` alone; none with files.
    var captureInterfaces: [String]
    /// Given, or derived from the transfers; it compiles.
    var captureFilter: String
    /// Whether the filter was derived from the transfers, so that it lets through what clients send to them only.
    var derivesCaptureFilter = true
    /// Whether every online address is of an interface listened to, so that what clients send to it arrives there and never leaves.
    var holdsOnlineAddresses = false
    /// MiB of kernel ring for each capture socket.
    var captureBufferMebibytes = 64
    /// Bytes kept of each captured packet.
    var snapshotLength = 262_144

    /// Where to record what is captured; nil for nowhere.
    var recording: RecordingSettings?

    /// How packets get to the target: `raw` without `--dlinject`.
    var injector = InjectorKind.raw
    /// Where frames leave; nil for where the route says. Always nil for `raw`.
    var outputInterface: String?
    /// The largest IP packet towards the target; nil for the output interface's.
    var mtu: Int?
    /// The MSS offered in SYNs of our own; nil to derive it from the MTU and the address family.
    var mss: Int?

    /// What replaces client addresses; nil to keep them.
    var clientNetworks: ClientNetworks?
    /// The address that stands for clients at 127.0.0.1. Always nil with client networks.
    var localhostAddress: IPAddress?
    /// How often each session is replayed.
    var copies = 1
    /// Which sixteenth of the ports rewritten ports are taken from, 1–15; 0 for all.
    var portShift = 0
    /// Share of the clients whose sessions are replayed, per cent.
    var percent = 100
    /// Whether that share begins with one per cent and grows by one every second.
    var ramps = false
    /// Whether sessions whose SYN was not seen are ignored.
    var onlyFullSessions = false

    /// Whether an exchange waits for the answer to the one before.
    var waitsForAnswers = true
    var onHole = HolePolicy.reopen
    /// How late acknowledgements are sent; nil for the client's own round trip.
    var roundTrip: Duration?
    /// How long the target may be silent before a session has failed.
    var sessionTimeout = Duration.seconds(600)
    /// How long a session with nothing left to answer is kept.
    var keepaliveTimeout = Duration.seconds(720)
    /// What sessions and waiting payload may take, bytes.
    var memoryLimit = 1_024_000_000

    /// Event loops that share the sessions among them, each with an engine and sockets of its own.
    var shards = 1
    /// Runs against a built-in target that answers everything, and injects nothing.
    var isDryRun = false
    /// Where the ledger goes as JSON, every 30 s and at the end.
    var ledgerFile: String?

    /// Whether there is anything to do but to record.
    var replays: Bool { !transfers.isEmpty }

    /// A filter of the user's may be meant for what leaves, too: for a recording of both directions, say.
    var capturesArrivalsOnly: Bool { derivesCaptureFilter && holdsOnlineAddresses }
}
