import Wire

// The segments themselves.
extension Session {
    /// Writes segments until there is nothing to send, or no room: then it returns false.
    mutating func transmit(to batch: inout PacketBatch, now: Instant, _ resources: inout ReplayResources) -> Bool {
        while batch.hasRoom(payloadLength: Int(connection.path.largestSegment)) {
            guard let transmission = connection.nextTransmission(now: now) else { return true }
            if transmission.isRetransmission { resources.ledgers[transfer].retransmissions += 1 }
            write(transmission, to: &batch, now: now, resources.payload)
        }
        return false
    }

    private mutating func write(
        _ transmission: TargetConnection.Transmission, to batch: inout PacketBatch, now: Instant,
        _ pool: borrowing PayloadPool
    ) {
        batch.begin(
            SegmentHeader(
                flow: replayFlow, sequence: transmission.sequence, acknowledgement: connection.receiveNext,
                flags: transmission.flags, window: transmission.isBare ? 0 : TargetConnection.window,
                options: options(for: transmission, now: now)),
            target: transfer)
        if transmission.length > 0 {
            let start = payloadStart.distance(to: position(transmission.sequence))
            payload.copy(start..<start + transmission.length, to: &batch, from: pool)
        }
        batch.end()
    }

    @inline(__always)
    private func options(for transmission: TargetConnection.Transmission, now: Instant) -> TCPOptions {
        var options = TCPOptions()
        guard !transmission.isBare else { return options }
        if transmission.flags.contains(.syn) {
            options.maximumSegmentSize = connection.offer.maximumSegmentSize
            options.windowScale = connection.offer.windowScale
            options.sackPermitted = connection.offer.sackPermitted
            if connection.offer.timestamps {
                options.timestamps = TCPTimestamps(value: Self.timestamp(now), echo: 0)
            }
        } else if connection.usesTimestamps {
            options.timestamps = TCPTimestamps(value: Self.timestamp(now), echo: connection.recentTimestamp)
        }
        return options
    }

    /// One clock in milliseconds for all sessions, so that no pair of addresses ever sees it go back (RFC 7323, 5.4).
    private static func timestamp(_ now: Instant) -> UInt32 {
        UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000)
    }
}
