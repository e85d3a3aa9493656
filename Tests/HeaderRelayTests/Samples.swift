import NIOCore
import Wire

@testable import HeaderRelay

/// Values that the tests share, and a seeded source of chance.
enum Samples {
    static let target = Endpoint(IPAddress(v4: 0x0a00_0003), 8080)
    static let otherTarget = Endpoint(IPAddress(v4: 0x0a00_0007), 8081)
    static let targetIPv6 = Endpoint(IPAddress(high: 0x2001_0db8_0000_0000, low: 3), 8080)

    static func client(_ port: UInt16, host: UInt32 = 1) -> Endpoint {
        Endpoint(IPAddress(v4: 0x0a01_0000 + host), port)
    }

    /// A session's flow, from client to target.
    static func session(_ port: UInt16, host: UInt32 = 1) -> Flow { Flow(from: client(port, host: host), to: target) }

    /// A response's header in that session.
    static func response(_ port: UInt16, host: UInt32 = 1, sequence: UInt32 = 7000) -> SegmentHeader {
        SegmentHeader(
            flow: session(port, host: host).reversed, sequence: SequenceNumber(sequence),
            acknowledgement: SequenceNumber(1001), flags: [.psh, .ack], window: 502, payloadLength: 1448)
    }

    static func subscription(
        _ instance: UInt64, targets: [Endpoint] = [target], datagramTargets: [Endpoint] = [],
        clients: [AddressPrefix] = [], slice: Slice = .whole
    ) -> RelaySubscription {
        guard
            let subscription = RelaySubscription(
                instance: RelayInstance(high: instance, low: ~instance), targets: targets,
                datagramTargets: datagramTargets, clients: clients, slice: slice)
        else { preconditionFailure("samples keep to the limits") }
        return subscription
    }

    static func prefix(_ text: String) -> AddressPrefix {
        guard let prefix = AddressPrefix(text) else { preconditionFailure("samples are well-formed") }
        return prefix
    }

    /// One of each kind, and of each shape that a header can have.
    static var messages: [RelayMessage] {
        [
            .subscribe(subscription(1)),
            .subscribe(
                subscription(
                    .max, targets: [target, otherTarget, targetIPv6],
                    clients: [prefix("10.1.0.0/16"), prefix("2001:db8::/32"), prefix("0.0.0.0/0")],
                    slice: Slice(index: 3, count: 8))),
            .subscribe(subscription(2, targets: [], datagramTargets: [target])),
            .subscribe(
                subscription(3, datagramTargets: [otherTarget, targetIPv6], clients: [prefix("10.1.0.0/16")])),
            .accepted(round: 0), .accepted(round: 9), .announcementRequired(round: 7), .announcementOver,
            .announce([session(40000)]), .announced(round: .max), .release([session(40000), session(40001)]),
            .granted((0..<4).map { session(40000 + $0) }),
            .refused([Flow(from: Endpoint(IPAddress(high: 1, low: 2), 3), to: targetIPv6)]),
            .alive, .patience(milliseconds: 0), .patience(milliseconds: .max),
        ] + RelayFarewell.allCases.map { .goodbye($0) } + headers.map { .header($0) } + answers.map { .answer($0) }
    }

    /// An answer of UDP in that session.
    static func answer(_ port: UInt16, host: UInt32 = 1, payloadLength: Int = 120) -> DatagramHeader {
        DatagramHeader(flow: session(port, host: host).reversed, payloadLength: payloadLength)
    }

    static var answers: [DatagramHeader] {
        var ipv6 = answer(65535, payloadLength: 65_535)
        ipv6.flow = Flow(from: targetIPv6, to: Endpoint(IPAddress(high: .max, low: .max), 65535))
        var mixed = answer(1, payloadLength: 0)
        mixed.flow.sourceAddress = targetIPv6.address
        return [answer(40000), ipv6, mixed]
    }

    static var headers: [SegmentHeader] {
        var synAck = response(40000)
        synAck.flags = [.syn, .ack]
        synAck.payloadLength = 0
        synAck.options.maximumSegmentSize = 1460
        synAck.options.sackPermitted = true
        synAck.options.timestamps = TCPTimestamps(value: .max, echo: 1)
        synAck.options.windowScale = 7
        var withBlocks = response(40000, sequence: .max)
        withBlocks.options.timestamps = TCPTimestamps(value: 5, echo: 6)
        for block in 0..<3 as Range<UInt32> {
            withBlocks.options.sackBlocks.append(
                SequenceRange(SequenceNumber(block * 100), SequenceNumber(block * 100 + 50)))
        }
        var large = response(65535)
        large.payloadLength = 500_000
        large.urgentPointer = 17
        large.flags = TCPFlags(rawValue: 0xff)
        var ipv6 = synAck
        ipv6.flow = Flow(from: targetIPv6, to: Endpoint(IPAddress(high: .max, low: .max), 65535))
        var mixed = response(1)
        mixed.flow.sourceAddress = targetIPv6.address
        return [response(40000), synAck, withBlocks, large, ipv6, mixed]
    }

    static func bytes(of messages: [RelayMessage], greeted: Bool = false) -> ByteBuffer {
        var buffer = ByteBuffer()
        if !greeted { RelayPreamble.write(to: &buffer) }
        for message in messages { message.write(to: &buffer) }
        return buffer
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
