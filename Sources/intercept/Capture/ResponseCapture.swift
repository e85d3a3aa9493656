import Dispatch
import HeaderRelay
import LinkLayer
import Logging
import NIOCore
import Synchronization
import Wire

/// Captures the target's responses on one interface and publishes their headers, on the relay server's event loop.
///
/// A thread of its own waits until frames come, then the loop takes them. While they keep coming the loop looks for them
/// by itself after short naps, so that not every frame costs a wake-up; the thread waits again when none has come.
final class ResponseCapture {
    private var capture: LiveCapture
    private let server: RelayServer
    private let rewrite: AddressRewrite?
    private let loop: any EventLoop
    private let watch = Watch()
    private let logger = Logger(label: "intercept")
    private let isTracing: Bool
    private var counted = CaptureCounts()
    /// Called once when it can capture no more.
    private let onFailure: (SystemRefusal) -> Void

    /// Bytes kept of each frame: link header with two VLAN tags, IPv6 with some extensions, TCP with all options.
    private static let snapshotLength = 200
    /// Frames taken before what came of them is written.
    private static let batch = 256
    private static let nap = TimeAmount.microseconds(50)

    /// What the loop and the waiting thread tell each other.
    private final class Watch: Sendable {
        let isStopped = Atomic(false)
        /// Signalled when the thread shall wait for frames again.
        let isQuiet = DispatchSemaphore(value: 0)
    }

    init(
        _ configuration: CaptureConfiguration, publishingTo server: RelayServer, on loop: any EventLoop,
        rewrite: AddressRewrite?, onFailure: @escaping (SystemRefusal) -> Void
    ) throws(SystemRefusal) {
        capture = try LiveCapture(configuration)
        self.server = server
        self.loop = loop
        self.rewrite = rewrite
        self.onFailure = onFailure
        isTracing = logger.logLevel <= .trace
    }

    /// How an interface is listened to: frame by frame, headers only, what arrives at this host.
    static func configuration(
        interface: String, filter: String, isDerived: Bool, bufferMebibytes: Int
    ) -> CaptureConfiguration {
        var configuration = CaptureConfiguration(interface: interface, filter: filter)
        configuration.matchesInsideVLANs = isDerived
        configuration.snapshotLength = snapshotLength
        configuration.bufferMebibytes = bufferMebibytes
        configuration.mode = .immediate
        configuration.direction = .incoming
        configuration.isPromiscuous = false
        return configuration
    }

    var interface: String { capture.configuration.interface }
    var filter: String { capture.configuration.filter }

    var counts: CaptureCounts {
        var counts = counted
        let statistics = capture.statistics
        counts.kernelDrops = statistics.kernelDrops
        counts.interfaceDrops = statistics.interfaceDrops
        return counts
    }

    func setFilter(_ filter: String) throws(SystemRefusal) { try capture.setFilter(filter) }

    /// Starts to publish.
    func start() throws(SystemRefusal) {
        let (loop, watch) = (loop, watch)
        let bound = NIOLoopBound(self, eventLoop: loop)
        try ReadinessThread.start(name: "wait \(interface)", descriptor: capture.descriptor) {
            guard !watch.isStopped.load(ordering: .relaxed) else { return .end }
            loop.execute { bound.value.take() }
            watch.isQuiet.wait()
            return .wait
        }
    }

    /// Publishes no more; the thread ends by itself.
    func stop() { watch.isStopped.store(true, ordering: .relaxed) }

    /// Takes what waits, and comes back until nothing does.
    private func take() {
        guard !watch.isStopped.load(ordering: .relaxed), publishBatch() > 0 else {
            watch.isQuiet.signal()
            return
        }
        do {
            try loop.assumeIsolated().scheduleCallback(in: Self.nap, handler: self)
        } catch {
            // The loop ends.
            watch.isQuiet.signal()
        }
    }

    private func publishBatch() -> Int {
        let linkType = capture.linkType
        do throws(SystemRefusal) {
            let count = try capture.dispatch(limit: Self.batch) { publish($0, linkType: linkType) }
            server.flush()
            return count
        } catch {
            stop()
            onFailure(error)
            return 0
        }
    }

    private func publish(_ frame: borrowing CapturedFrame, linkType: LinkType) {
        counted.frames += 1
        do throws(WireError) {
            let segment = try TCPSegment(frame: frame.bytes, linkType: linkType, wireLength: frame.wireLength)
            counted.segments += 1
            let header = rewrite?(segment.header) ?? segment.header
            if isTracing { logger.trace("\(header)") }
            server.publish(header)
        } catch {
            counted.count(error)
        }
    }
}

extension ResponseCapture: NIOScheduledCallbackHandler {
    func handleScheduledCallback(eventLoop: some EventLoop) { take() }
}
