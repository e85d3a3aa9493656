import Wire

/// What to copy where, as the engine needs it.
public struct Transfer: Equatable, Sendable {
    /// What carries the traffic.
    public enum Carrier: Sendable {
        case tcp
        case udp
        /// UDP that nobody answers: no answer is awaited, and none is needed before all is let out.
        case oneWayUDP
    }

    /// The addresses that stand for the online host; none for any address.
    public var onlineAddresses: [IPAddress]
    public var onlinePort: UInt16
    public var target: Endpoint
    /// Bytes of the largest IP packet towards the target.
    public var packetSize: Int
    public var carrier: Carrier

    public init(
        onlineAddresses: [IPAddress], onlinePort: UInt16, target: Endpoint, packetSize: Int = 1500,
        carrier: Carrier = .tcp
    ) {
        self.onlineAddresses = onlineAddresses
        self.onlinePort = onlinePort
        self.target = target
        self.packetSize = packetSize
        self.carrier = carrier
    }

    var isUDP: Bool { carrier != .tcp }

    /// Whether a client talks to this transfer's online endpoint.
    func matches(_ destination: Endpoint) -> Bool {
        destination.port == onlinePort
            && (onlineAddresses.isEmpty || onlineAddresses.contains(destination.address))
    }
}

/// How a replay is to be done.
public struct ReplaySettings: Sendable {
    /// What becomes of a session of which capture lost bytes for good.
    public enum HolePolicy: Sendable {
        /// It goes on over a fresh connection at the next exchange.
        case reopen
        case end
    }

    public var transfers: [Transfer]
    /// False releases every exchange as soon as it was captured (`--no-wait`).
    public var waitsForAnswers = true
    public var onHole = HolePolicy.reopen
    /// How late acknowledgements are sent; nil for what each client's handshake measured.
    public var acknowledgementDelay: Interval?
    /// The MSS that SYNs offer which no client sent; nil for what fits the packet size.
    public var maximumSegmentSize: UInt16?
    /// Without a word from the target for this long, a session that waits for one has failed.
    public var sessionTimeout = Interval.seconds(600)
    /// A session with nothing to wait for is kept this long.
    public var idleTimeout = Interval.seconds(720)
    /// Bytes that sessions and waiting payload may take; beyond it sessions are shed.
    public var memoryLimit = 1 << 30
    /// Bytes of payload that one session may have waiting.
    public var backlogLimit = 256 << 20
    /// Replaces the clients' addresses; nil keeps them.
    public var clientPool: AddressPool?
    /// How often each session is replayed.
    public var copies = 1
    /// Which part of the ports this host may rewrite to: 1–15, or 0 for all.
    public var portPart: UInt16 = 0
    /// Share of the clients whose sessions are replayed, per cent.
    public var percent = 100
    /// Begin with one per cent of the clients and add one every second.
    public var ramps = false
    /// Ignore sessions whose SYN was not seen.
    public var onlyFullSessions = false
    /// Stands for clients at a loopback address.
    public var localhostAddress: IPAddress?
    /// The share of ports that this engine may rewrite to.
    public var slice = Slice.whole
    /// Holds all sessions of a target but one until the target's first header is relayed.
    public var startsSafely = true
    /// How much later than segments that followed it a captured one may be handed in.
    public var captureSkew = Interval.zero
    /// How many times faster than it was captured is replayed: only a recording can have another than 1.
    public var captureSpeed = 1.0
    /// Seeds whatever is left to chance.
    public var seed: UInt64 = 1

    public init(transfers: [Transfer]) { self.transfers = transfers }

    /// What stands for a client where its own address and port are kept.
    func replayClient(_ client: Endpoint) -> Endpoint {
        guard client.address.isLoopback, let localhostAddress else { return client }
        return Endpoint(localhostAddress, client.port)
    }
}
