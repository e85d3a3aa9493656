import HeaderRelay
import LinkLayer
import Logging
import NIOCore
import Wire

/// Captures the target's responses of one slice on one interface and publishes their headers, on the slice's event loop.
///
/// A thread of its own waits until a frame comes, then the loop takes it, and for a moment waits for the next by itself: as
/// long as each comes soon after the one before, a wake-up and not two is what it costs.
final class ResponseCapture {
    private var capture: LiveCapture
    private let slice: Slice
    private let rewrite: AddressRewrite?
    private let loop: any EventLoop
    /// Nil before it has started.
    private var publisher: ResponsePublisher?
    private var watch: FrameWatch?
    /// When it is over, what has come meanwhile is taken.
    private var nap: NIOScheduledCallback?
    private var isStopped = false
    /// Whether the loop has other captures to look after, and must not wait for this one.
    private let isAlone: Bool
    private let logger = Logger(label: "intercept")
    private let isTracing: Bool
    private var counted = CaptureCounts()
    /// Called once, on its loop, when it can capture no more.
    private let onFailure: @Sendable (SystemRefusal) -> Void

    /// Bytes kept of each frame: link header with two VLAN tags, IPv6 with some extensions, TCP with all options.
    private static let snapshotLength = 200
    /// Frames taken before what came of them is written.
    private static let batch = 256
    /// How long the loop waits for the next frame, ms, and how long it keeps on doing so, ns, before it looks at what else
    /// there is: that is messages of tcpcopy hosts, which are few and can wait.
    private static let patience: Int32 = 1
    private static let attention: Int64 = 5_000_000
    /// The time between bursts, ms.
    private static let burstTime = Int32(LiveCapture.blockMilliseconds)

    /// Opens it, as the next of its group; from then on the kernel keeps what comes. All else happens on `loop`.
    init(
        _ configuration: CaptureConfiguration, _ slice: Slice, in group: inout CaptureGroup, on loop: any EventLoop,
        rewrite: AddressRewrite?, isAlone: Bool, onFailure: @escaping @Sendable (SystemRefusal) -> Void
    ) throws(SystemRefusal) {
        capture = try LiveCapture(configuration)
        try group.join(capture)
        self.slice = slice
        self.loop = loop
        self.rewrite = rewrite
        self.isAlone = isAlone
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

    var counts: CaptureCounts {
        var counts = counted
        let statistics = capture.statistics
        counts.kernelDrops = statistics.kernelDrops
        counts.interfaceDrops = statistics.interfaceDrops
        return counts
    }

    func setFilter(_ filter: String) throws(SystemRefusal) { try capture.setFilter(filter) }

    /// Starts to publish.
    func start(publishingTo publisher: ResponsePublisher) {
        self.publisher = publisher
        let loop = loop
        let bound = NIOLoopBound(self, eventLoop: loop)
        do throws(SystemRefusal) {
            watch = try FrameWatch(name: "wait \(capture.configuration.interface)", capture: capture) {
                // Now and then it asks though it was not told to watch.
                loop.execute { if bound.value.nap == nil { bound.value.take() } }
            }
        } catch {
            fail(error)
        }
    }

    /// Publishes no more.
    func stop() {
        isStopped = true
        watch?.stop()
        watch = nil
        nap?.cancel()
        publisher = nil
    }

    private func fail(_ refusal: SystemRefusal) {
        stop()
        onFailure(refusal)
    }

    private func take() {
        guard let publisher else { return }
        let mayWait = isAlone && publisher.isApart
        let until = MonotonicClock.now + Self.attention
        while true {
            let count = publishBatch(publisher)
            guard count > 0, MonotonicClock.now < until else { break }
            guard count < Self.batch else { continue }
            let spare = Int32(publisher.patience)
            guard spare < Self.burstTime else { return take(in: .milliseconds(Int64(spare))) }
            guard mayWait, waitForMore(spare) else { break }
        }
        watch?.again()
    }

    /// Where there is time enough, one wake-up a burst does.
    private func take(in delay: TimeAmount) {
        // It fails when the loop ends.
        nap = try? loop.assumeIsolated().scheduleCallback(in: delay, handler: self)
    }

    /// What nobody waits for comes in bursts, one for each block of requests that tcpcopy has captured. Once the first of a burst
    /// is there, the others are given some time, if there is any.
    private func waitForMore(_ spare: Int32) -> Bool {
        guard capture.waitForFrames(spare > 0 ? Self.burstTime + 1 : Self.patience) else { return false }
        if spare > 0 { MonotonicClock.sleep(milliseconds: Int64(spare)) }
        return true
    }

    private func publishBatch(_ publisher: ResponsePublisher) -> Int {
        guard !isStopped else { return 0 }
        let linkType = capture.linkType
        do throws(SystemRefusal) {
            let count = try capture.dispatch(limit: Self.batch) {
                publish($0, linkType: linkType, to: publisher)
            }
            publisher.flush()
            return count
        } catch {
            fail(error)
            return 0
        }
    }

    private func publish(_ frame: borrowing CapturedFrame, linkType: LinkType, to publisher: ResponsePublisher) {
        do throws(WireError) {
            let segment = try TCPSegment(frame: frame.bytes, linkType: linkType, wireLength: frame.wireLength)
            // Until a socket has joined its group it gets all frames.
            guard slice.contains(port: segment.header.flow.destinationPort) else { return }
            counted.frames += 1
            counted.segments += 1
            let header = rewrite?(segment.header) ?? segment.header
            if isTracing { logger.trace("\(header)") }
            publisher.publish(header)
        } catch {
            switch error.kind {
            case .otherProtocol, .fragment:
                publishDatagram(frame, linkType: linkType, isFragment: error.kind == .fragment, to: publisher)
            case .truncated, .badLength, .malformed:
                counted.frames += 1
                counted.count(error)
            }
        }
    }

    /// Of an answer in fragments the first one stands for it. The kernel's steering gives all fragments to the first slice.
    private func publishDatagram(
        _ frame: borrowing CapturedFrame, linkType: LinkType, isFragment: Bool, to publisher: ResponsePublisher
    ) {
        do throws(WireError) {
            let datagram = try DatagramHeader(frame: frame.bytes, linkType: linkType, wireLength: frame.wireLength)
            guard isFragment ? slice.index == 0 : slice.contains(port: datagram.flow.destinationPort) else { return }
            counted.frames += 1
            counted.datagrams += 1
            let header = rewrite?(datagram) ?? datagram
            if isTracing { logger.trace("\(header)") }
            publisher.publish(header)
        } catch {
            counted.frames += 1
            counted.count(error)
        }
    }
}

extension ResponseCapture: NIOScheduledCallbackHandler {
    func handleScheduledCallback(eventLoop: some EventLoop) {
        nap = nil
        take()
    }
}
