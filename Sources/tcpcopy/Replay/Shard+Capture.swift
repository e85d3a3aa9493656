import LinkLayer
import ReplayEngine
import Wire

// Frames in
extension Shard {
    /// Opens a capture socket as the next of its group, and returns the group for the shard that follows.
    func open(_ configuration: CaptureConfiguration, in group: CaptureGroup) throws(SystemRefusal) -> CaptureGroup {
        var group = group
        sources.append(try CaptureSource(configuration, in: &group))
        return group
    }

    func startCapturing() throws(SystemRefusal) {
        for source in sources { try source.start(for: self) }
    }

    /// Takes what was captured until now, and no more.
    func stopCapturing() {
        for source in sources {
            while source.lend(to: self) > 0 {}
            source.stop()
        }
        replayer.beginStop()
        flush()
    }

    /// A batch of captured frames follows.
    func beginCapture() {
        capturedNow = Self.now
        offsetFromEpoch = MonotonicClock.offsetFromEpoch
    }

    func capture(_ frame: borrowing CapturedFrame, linkType: LinkType) {
        capturing.frames += 1
        do throws(WireError) {
            let segment = try TCPSegment(frame: frame.bytes, linkType: linkType, wireLength: frame.wireLength)
            guard slice.contains(port: segment.header.flow.sourcePort) else { return capturing.otherShard += 1 }
            capturing.segments += 1
            let capturedAt = Instant(nanoseconds: frame.timestamp &- offsetFromEpoch)
            replayer.handleCaptured(segment, capturedAt: min(capturedAt, capturedNow), now: capturedNow)
        } catch {
            capturing.count(error)
        }
    }
}
