import LinkLayer
import ReplayEngine
import Wire

// Frames in
extension Shard {
    /// Opens a capture socket as the next of its group, and returns the group for the shard that follows.
    func open(_ configuration: CaptureConfiguration, in group: CaptureGroup) throws(SystemRefusal) -> CaptureGroup {
        var group = group
        sources.append(try CaptureSource(configuration, number: sources.count, in: &group))
        return group
    }

    func startCapturing() throws(SystemRefusal) {
        try playback?.start()
        for source in sources { try source.start(for: self) }
    }

    /// Takes what was captured until now, and no more.
    func stopCapturing() {
        playback?.stop()
        for source in sources {
            while source.lend(to: self) > 0 {}
            source.stop()
        }
        recording?.handOver()
        fragments.removeAll()
        replayer.beginStop()
        flush()
    }

    /// What was captured is at its end: what follows is of other connections.
    func endCapture(at end: Instant) {
        fragments.removeAll()
        replayer.handleEndOfCapture(capturedAt: end, now: Self.now)
    }

    /// A batch of captured frames follows.
    func beginCapture() {
        capturedNow = Self.now
        captureClock.synchronize(offset: MonotonicClock.offsetFromEpoch, now: capturedNow)
    }

    /// The batch has ended.
    func endBatch() {
        batchTook = Self.now - capturedNow
        flush()
    }

    /// - Parameter source: the number of the capture source.
    func capture(_ frame: borrowing CapturedFrame, linkType: LinkType, from source: Int) {
        let isWanted = take(
            frame.bytes, linkType: linkType, wireLength: frame.wireLength, stamp: capturedNow.nanoseconds,
            capturedAt: captureClock.instant(ofStamp: frame.timestamp, from: source))
        if isWanted { recording?.take(frame, from: source) }
    }

    /// Takes a frame of a file; its exchange goes when `capturedAt` has come, or now.
    func replay(_ frame: RawSpan, of record: CaptureRecord, capturedAt: Instant?) {
        guard let linkType = record.linkType else { return capturing.countUnreadableLink() }
        take(
            frame, linkType: linkType, wireLength: record.wireLength, stamp: record.timestamp,
            capturedAt: capturedAt ?? capturedNow)
    }

    /// - Parameter stamp: in nanoseconds of the clock that the frames are stamped by, for what has to wait for others.
    /// - Returns: whether a recording wants it: not what another shard has, nor what was injected.
    @discardableResult
    private func take(
        _ frame: RawSpan, linkType: LinkType, wireLength: Int, stamp: Int64, capturedAt: Instant
    ) -> Bool {
        capturing.frames += 1
        guard replays else { return true }
        do throws(WireError) {
            let link = try LinkFrame(frame, linkType: linkType)
            let packet = try IPPacket(
                link.packet, wireLength: wireLength - link.headerLength, at: link.headerLength)
            let flow = try take(packet, at: link.headerLength, capturedAt: capturedAt)
            guard owner(of: flow) == slice.index else {
                return passOn(frame, linkType: linkType, wireLength: wireLength, capturedAt: capturedAt)
            }
            return recording == nil || !isInjected(flow)
        } catch {
            guard error.kind == .fragment else {
                capturing.count(error)
                return true
            }
            takeFragment(frame, linkType: linkType, wireLength: wireLength, stamp: stamp, capturedAt: capturedAt)
            return slice.index == 0
        }
    }

    /// The index of the slice that a packet from a client belongs to.
    func owner(of flow: Flow) -> UInt16 { Slice.index(ofPort: flow.sourcePort, count: slice.count) }

    /// Takes a whole packet, unless it is another shard's; returns its flow.
    func take(_ packet: borrowing IPPacket, at offset: Int = 0, capturedAt: Instant) throws(WireError) -> Flow {
        guard packet.transport != UDPDatagram.transport || !replayer.copiesDatagrams else {
            let datagram = try UDPDatagram(packet, at: offset)
            let flow = datagram.header.flow
            guard owner(of: flow) == slice.index else { return flow }
            capturing.datagrams += 1
            replayer.handleCaptured(datagram, capturedAt: capturedAt, now: capturedNow)
            return flow
        }
        let segment = try TCPSegment(packet, at: offset)
        let flow = segment.header.flow
        guard owner(of: flow) == slice.index else { return flow }
        capturing.segments += 1
        replayer.handleCaptured(segment, capturedAt: capturedAt, now: capturedNow)
        return flow
    }
}
