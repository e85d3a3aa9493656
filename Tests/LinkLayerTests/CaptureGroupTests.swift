import CLinux
import Foundation
import Glibc
import LinkLayer
import Testing
import Wire

extension InNetworks {
    @Suite struct CaptureGroupTests {
        /// Where the group listens: frames arrive at `far`, and leave `near`.
        static let places = [
            (Cable.far, SteeredPort.source), (Cable.near, .source), (Cable.far, .destination),
            (CaptureConfiguration.anyInterface, .source),
        ]

        @Test(arguments: places)
        func `each capture gets the frames of its slice, arriving and leaving, of both families`(
            interface: String, port: SteeredPort
        ) throws {
            let cable = Cable()
            let ports = stride(from: UInt16(1), to: 65_000, by: 163)
            let group = try Captures(of: cable, on: interface, slices: 3, port: port)
            var injector = try cable.injector(.packet)
            for family in 0...1 {
                for options in [TCPOptions(), timestamps] {
                    var batch = PacketBatch(packetCapacity: 512)
                    for client in ports {
                        let (from, to) = port == .source ? (client, 8080) : (8080, client)
                        batch.begin(try header(family, from: from, to: to, options), target: 0)
                        batch.end()
                    }
                    injector.send(&batch, addressing: [cable.addressing])
                }
            }
            try group.expect(ports: Array(ports), times: interface == CaptureConfiguration.anyInterface ? 8 : 4)
        }

        @Test(arguments: [["vlan 5"], ["vlan 5", "vlan 7"]])
        func `tags of VLANs do not hide a frame's slice`(tags: [String]) throws {
            let cable = Cable()
            let group = try Captures(of: cable, on: Cable.far, slices: 4, port: .source)
            let sender = try FrameSender(cable)
            let ports = stride(from: UInt16(3), to: 65_000, by: 499)
            for client in ports { sender.send(try frame(from: client, tags: tags.count)) }
            try group.expect(ports: Array(ports), times: 1)
        }

        @Test(arguments: [Cable.far, Cable.near])
        func `fragments go to the first capture, since only the first of a datagram tells its ports`(
            interface: String
        ) throws {
            let cable = Cable()
            let group = try Captures(of: cable, on: interface, slices: 4, port: .source)
            let sender = try FrameSender(cable)
            let ports = (UInt16(1000)..<1100)
            for client in ports {
                for place: UInt16 in [0x2000, 0x2007, 0x0100] {
                    var bytes = try frame(from: client, tags: 0)
                    bytes.replaceSubrange(20..<22, with: [UInt8(place >> 8), UInt8(place & 0xff)])
                    sender.send(bytes)
                }
                var whole = try frame(from: client, tags: 0)
                // "Don't fragment" is no fragment.
                whole.replaceSubrange(20..<22, with: [0x40, 0])
                sender.send(whole)
            }
            let own = ports.filter { Slice.index(ofPort: $0, count: 4) == 0 }
            try group.expect(frames: 3 * ports.count + own.count, onCapture: 0)
        }

        @Test func `when an interface was down, each capture still gets the frames of its slice`() throws {
            let cable = Cable()
            let group = try Captures(of: cable, on: Cable.far, slices: 5, port: .source)
            _ = cable.network.inside {
                shell(
                    """
                    ip link set far down
                    ip link set far up
                    until ip link show near | grep -q 'state UP'; do sleep 0.02; done
                    """)
            }
            let sender = try FrameSender(cable)
            let ports = stride(from: UInt16(7), to: 65_000, by: 499)
            for client in ports { sender.send(try frame(from: client, tags: 0)) }
            try group.expect(ports: Array(ports), times: 1)
        }

        @Test(arguments: [Cable.far, Cable.near])
        func `datagrams are dealt as segments are, of both families`(interface: String) throws {
            let cable = Cable()
            let group = try Captures(of: cable, on: interface, slices: 3, port: .source, filter: "udp")
            var injector = try cable.injector(.packet)
            let ports = Array(stride(from: UInt16(1), to: 65_000, by: 163))
            for family in 0...1 {
                var batch = PacketBatch(packetCapacity: 512)
                for client in ports {
                    let flow = try header(family, from: client, to: 53, TCPOptions()).flow
                    batch.writeDatagram(
                        flow, payload: [1, 2, 3].rawSpan, packetSize: 1500, identification: 0, target: 0)
                }
                injector.send(&batch, addressing: [cable.addressing])
            }
            try group.expect(ports: ports, times: 2)
        }

        @Test(arguments: [1, 3])
        func `what leaves does not reach captures of what arrives`(slices: UInt16) throws {
            let cable = Cable()
            let arriving = try Captures(of: cable, on: Cable.near, slices: slices, port: .source, direction: .incoming)
            let sender = try FrameSender(cable)
            for client in UInt16(1)...50 { sender.send(try frame(from: client, tags: 0)) }
            let answerer = try FrameSender(cable, on: Cable.far)
            for client in UInt16(51)...60 { answerer.send(try frame(from: client, tags: 0)) }
            try arriving.expect(ports: Array(51...60), times: 1)
            // Not even to be sorted out, which a group's kernel has to be new enough for.
            let kernel = ProcessInfo.processInfo.operatingSystemVersion
            let isOld = (kernel.majorVersion, kernel.minorVersion) < (6, 2)
            #expect(arriving.received == 10 || slices > 1 && isOld)
        }

        private var timestamps: TCPOptions {
            var options = TCPOptions()
            options.timestamps = TCPTimestamps(value: 1, echo: 2)
            return options
        }

        private func header(
            _ family: Int, from: UInt16, to: UInt16, _ options: TCPOptions
        ) throws -> SegmentHeader {
            let (source, destination) = InjectorTests.sources[family]
            return SegmentHeader(
                flow: Flow(
                    from: Endpoint(try #require(IPAddress(source)), from),
                    to: Endpoint(try #require(IPAddress(destination)), to)),
                sequence: SequenceNumber(1), acknowledgement: SequenceNumber(2), flags: [.ack], window: 3,
                options: options)
        }

        private func frame(from client: UInt16, tags: Int) throws -> [UInt8] {
            var batch = PacketBatch()
            batch.begin(try header(0, from: client, to: 80, TCPOptions()), target: 0)
            batch.end()
            let packet = unsafe batch.packet(0).withUnsafeBytes { unsafe Array($0) }
            let addresses: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]
            // The outer tag is one of a service; the inner ones' priority makes them look like IP versions.
            let marks: [[UInt8]] = [[0x88, 0xa8, 0x00, 0x05], [0x81, 0x00, 0x40, 0x07]]
            return addresses + marks.suffix(tags).flatMap { $0 } + [0x08, 0x00] + packet
        }
    }
}

/// The captures of a group.
private final class Captures {
    private var captures: [Capture] = []
    private let port: SteeredPort

    private final class Capture {
        var capture: LiveCapture
        init(_ capture: consuming LiveCapture) { self.capture = capture }
    }

    init(
        of cable: Cable, on interface: String, slices: UInt16, port: SteeredPort, filter: String = "tcp",
        direction: CaptureConfiguration.Direction = .both
    ) throws {
        self.port = port
        var group = CaptureGroup(slices: slices, port: port)
        for _ in 0..<slices {
            var configuration = CaptureConfiguration(interface: interface, filter: filter)
            configuration.matchesInsideVLANs = true
            configuration.direction = direction
            configuration.bufferMebibytes = 8
            // Nothing is read while the test sends: a ring of blocks would be full when each of its few milliseconds is over.
            configuration.mode = .immediate
            configuration.snapshotLength = 512
            let capture = try cable.network.inside { () throws(SystemRefusal) in
                let capture = try LiveCapture(configuration)
                try group.join(capture)
                return capture
            }
            captures.append(Capture(capture))
        }
    }

    /// How many frames the kernel has put into the rings, or dropped for want of room.
    var received: Int { captures.reduce(0) { $0 + $1.capture.statistics.received } }

    /// Expects so many frames on one capture, and no more.
    func expect(frames count: Int, onCapture index: Int) throws {
        #expect(try captures[index].capture.frames(count).count == count)
    }

    /// Expects every port `times` times on the capture whose slice it belongs to, and on no other.
    func expect(ports: [UInt16], times: Int) throws {
        for (index, capture) in captures.enumerated() {
            let own = ports.filter { Int(Slice.index(ofPort: $0, count: UInt16(captures.count))) == index }
            let linkType = capture.capture.linkType
            let frames = try capture.capture.frames(own.count * times)
            var seen: [UInt16: Int] = [:]
            for frame in frames {
                let flow = try self.flow(of: frame, linkType)
                seen[port == .source ? flow.sourcePort : flow.destinationPort, default: 0] += 1
            }
            #expect(seen == Dictionary(uniqueKeysWithValues: own.map { ($0, times) }), "capture \(index)")
        }
    }

    private func flow(of frame: [UInt8], _ linkType: LinkType) throws(WireError) -> Flow {
        do throws(WireError) {
            return try TCPSegment(frame: frame.rawSpan, linkType: linkType, wireLength: frame.count).header.flow
        } catch {
            guard error.kind == .otherProtocol else { throw error }
            return try UDPDatagram(frame: frame.rawSpan, linkType: linkType, wireLength: frame.count).header.flow
        }
    }
}

/// Sends frames as they are from one end of a cable.
private struct FrameSender: ~Copyable {
    private let descriptor: Int32
    private let index: Int32

    init(_ cable: Cable, on interface: String = Cable.near) throws {
        (descriptor, index) = cable.network.inside {
            (socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0), Int32(unsafe if_nametoindex(interface)))
        }
        try #require(descriptor >= 0)
    }

    deinit { close(descriptor) }

    func send(_ frame: [UInt8]) {
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_ifindex = index
        let sent = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe sendto(descriptor, frame, frame.count, 0, address, socklen_t(MemoryLayout<sockaddr_ll>.size))
            }
        }
        #expect(sent == frame.count)
    }
}
