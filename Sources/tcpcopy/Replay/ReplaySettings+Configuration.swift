import ReplayEngine
import Wire

extension ReplaySettings {
    /// What the engine needs of what the user asked for.
    ///
    /// - Parameters:
    ///   - packetSizes: for each transfer the largest IP packet that its output interface takes.
    ///   - slice: the engine's share of the sessions, and of the memory.
    init(_ configuration: Configuration, packetSizes: [Int], slice: Slice) {
        self.init(transfers: Self.transfers(configuration, packetSizes: packetSizes))
        waitsForAnswers = configuration.waitsForAnswers
        onHole = configuration.onHole == .end ? .end : .reopen
        acknowledgementDelay = configuration.roundTrip.map { Interval($0) }
        maximumSegmentSize = configuration.mss.map { UInt16(clamping: $0) }
        sessionTimeout = Interval(configuration.sessionTimeout)
        idleTimeout = Interval(configuration.keepaliveTimeout)
        memoryLimit = configuration.memoryLimit / Int(slice.count)
        backlogLimit = memoryLimit / 4
        clientPool = configuration.clientNetworks.map { AddressPool($0.prefixes) }
        localhostAddress = configuration.localhostAddress
        copies = configuration.copies
        portPart = UInt16(configuration.portShift)
        percent = configuration.percent
        ramps = configuration.ramps
        onlyFullSessions = configuration.onlyFullSessions
        self.slice = slice
        switch configuration.playback?.speed {
        case .times(let factor): captureSpeed = factor
        case .max: captureSpeed = .infinity
        case nil: break
        }
        startsSafely = !configuration.isDryRun
        seed = .random(in: .min ... .max)
    }

    /// One of the engine's transfers for each transfer of the configuration, in its order.
    private static func transfers(
        _ configuration: Configuration, packetSizes: [Int]
    ) -> [ReplayEngine.Transfer] {
        zip(configuration.transfers, packetSizes).map { transfer, size in
            ReplayEngine.Transfer(
                onlineAddresses: transfer.onlineAddresses, onlinePort: transfer.onlinePort, target: transfer.target,
                packetSize: configuration.mtu ?? size, carrier: carrier(transfer.carrier))
        }
    }

    private static func carrier(_ carrier: TransferRule.Carrier) -> ReplayEngine.Transfer.Carrier {
        switch carrier {
        case .tcp: .tcp
        case .udp: .udp
        case .oneWayUDP: .oneWayUDP
        }
    }
}

extension Interval {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
