import NIOCore
import Testing
import Wire

@testable import HeaderRelay

struct RelayDecoderTests {
    private func decode(_ pieces: [ByteBuffer]) throws(RelayFault) -> [RelayMessage] {
        var decoder = RelayDecoder()
        var messages: [RelayMessage] = []
        for piece in pieces {
            decoder.receive(piece)
            while let message = try decoder.next() { messages.append(message) }
        }
        return messages
    }

    @Test func `every message is read as it was written`() throws {
        #expect(try decode([Samples.bytes(of: Samples.messages)]) == Samples.messages)
    }

    @Test func `a stream cut anywhere gives the same messages`() throws {
        let all = Samples.bytes(of: Samples.messages)
        for cut in 0...all.readableBytes {
            let first = try #require(all.getSlice(at: 0, length: cut))
            let rest = try #require(all.getSlice(at: cut, length: all.readableBytes - cut))
            #expect(try decode([first, rest]) == Samples.messages, "cut after \(cut) bytes")
        }
    }

    @Test func `a stream that comes byte by byte gives the same messages`() throws {
        let bytes = Samples.bytes(of: Samples.messages)
        #expect(try decode(bytes.readableBytesView.map { ByteBuffer(bytes: [$0]) }) == Samples.messages)
    }

    @Test func `headers are taken apart from other messages without losing one`() throws {
        var decoder = RelayDecoder()
        decoder.receive(Samples.bytes(of: Samples.messages))
        var messages: [RelayMessage] = []
        while true {
            if let header = try decoder.nextHeader() {
                messages.append(.header(header))
            } else if let message = try decoder.next() {
                messages.append(message)
            } else {
                break
            }
        }
        #expect(messages == Samples.messages)
    }

    @Test func `a message cut short within its stated length is never another valid message of its kind`() throws {
        for message in Samples.messages {
            let whole = Samples.bytes(of: [message], greeted: true)
            for length in RelayMessage.headByteCount..<whole.readableBytes {
                var cut = Samples.bytes(of: [])
                cut.writeImmutableBuffer(whole.getSlice(at: 0, length: length) ?? ByteBuffer())
                cut.setInteger(UInt16(length), at: RelayPreamble.byteCount)
                // Option bytes and flows may be left out whole; nothing else may.
                do {
                    for shorter in try decode([cut]) { #expect(shorter != message) }
                } catch {
                    #expect(error.description.contains("kind"))
                }
            }
        }
    }

    @Test func `a list longer than one message holds goes out as several`() throws {
        let flows = (0..<2_500).map { Samples.session(UInt16($0)) }
        let messages = try decode([Samples.bytes(of: [.announce(flows)])])
        #expect(messages.count == 3)
        let all = messages.flatMap { if case .announce(let some) = $0 { some } else { [] as [Flow] } }
        #expect(all == flows)
    }

    @Test func `the largest subscription fits one message`() throws {
        let subscription = Samples.subscription(
            5, targets: (0..<1_024).map { Endpoint(Samples.targetIPv6.address, $0) },
            clients: (0..<2_048).compactMap { AddressPrefix(IPAddress(v4: $0 << 8), length: 24) })
        #expect(try decode([Samples.bytes(of: [.subscribe(subscription)])]) == [.subscribe(subscription)])
    }

    @Test func `a subscription beyond the limits is not made`() {
        let instance = RelayInstance.random()
        #expect(RelaySubscription(instance: instance, targets: []) == nil)
        let many = [Endpoint](repeating: Samples.target, count: 1_025)
        #expect(RelaySubscription(instance: instance, targets: many) == nil)
        let clients = [AddressPrefix](repeating: Samples.prefix("10.0.0.0/8"), count: 2_049)
        #expect(RelaySubscription(instance: instance, targets: [Samples.target], clients: clients) == nil)
    }

    @Test func `a header takes the same bytes whatever its payload`() {
        for size in [0, 1, 1_448, 65_535, 16_000_000] {
            var header = Samples.response(40000)
            header.payloadLength = size
            #expect(Samples.bytes(of: [.header(header)], greeted: true).readableBytes == 32)
        }
    }

    @Test func `an unknown kind is a fault below 128 and passed over from there`() throws {
        let known = Set(RelayMessage.Kind.allCases.map(\.rawValue))
        for kind in UInt8.min...UInt8.max where !known.contains(kind) {
            var bytes = Samples.bytes(of: [])
            bytes.writeMultipleIntegers(6 as UInt16, kind, 0 as UInt8, 0xabcd as UInt16)
            RelayMessage.alive.write(to: &bytes)
            if kind < 128 {
                #expect(throws: RelayFault.unknownKind(kind)) { try decode([bytes]) }
            } else {
                #expect(try decode([bytes]) == [.alive])
            }
        }
    }

    @Test(arguments: [0, 1, 2, 3]) func `a length below the head is a fault`(length: UInt16) {
        var bytes = Samples.bytes(of: [])
        bytes.writeMultipleIntegers(length, 10 as UInt8, 0 as UInt8)
        #expect(throws: RelayFault.badLength(kind: 10, length: Int(length))) { try decode([bytes]) }
    }

    @Test func `an oversized message is a fault before it has arrived`() {
        for kind in UInt8.min...UInt8.max {
            var bytes = Samples.bytes(of: [])
            bytes.writeMultipleIntegers(57_345 as UInt16, kind, 0 as UInt8)
            #expect(throws: RelayFault.oversized(length: 57_345)) { try decode([bytes]) }
        }
    }

    @Test func `the first bytes tell who speaks`() {
        #expect(RelayPreamble(0x7463_7063_6f70_7902) == .version(2))
        #expect(RelayPreamble(0x7463_7063_6f70_7903) == .version(3))
        // TCPCopy 1.x: a record of 14 zero bytes but for its type, 6, in the seventh and eighth.
        #expect(RelayPreamble(6) == .tcpcopy1(version: 6))
        #expect(RelayPreamble(32_773) == .tcpcopy1(version: 32_773))
        #expect(RelayPreamble(0) == .foreign)
        #expect(RelayPreamble(0x10006) == .foreign)
        #expect(RelayPreamble(0x4745_5420_2f20_4854) == .foreign)
    }

    @Test func `another protocol is named by the fault`() {
        let record: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0]
        #expect(throws: RelayFault.preamble(.tcpcopy1(version: 6))) { try decode([ByteBuffer(bytes: record)]) }
        #expect(throws: RelayFault.preamble(.foreign)) { try decode([ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n")]) }
    }

    @Test func `a header of an impossible size or with options that run past it is a fault`() {
        var impossible = Samples.bytes(of: [.header(Samples.response(1))])
        impossible.setInteger(1 << 24 as UInt32, at: RelayPreamble.byteCount + 20)
        #expect(throws: RelayFault.malformed(kind: 16)) { try decode([impossible]) }
        var running = Samples.bytes(of: [.header(Samples.headers[1])])
        running.setInteger(41 as UInt8, at: RelayPreamble.byteCount + 33)
        #expect(throws: RelayFault.malformed(kind: 16)) { try decode([running]) }
    }

    @Test func `a slice outside its count or a prefix longer than its address is a fault`() {
        let subscription = Samples.subscription(1, clients: [Samples.prefix("10.0.0.0/8")])
        let start = RelayPreamble.byteCount + RelayMessage.headByteCount
        var slice = Samples.bytes(of: [.subscribe(subscription)])
        slice.setInteger(1 as UInt16, at: start + 16)
        #expect(throws: RelayFault.malformed(kind: 1)) { try decode([slice]) }
        var prefix = Samples.bytes(of: [.subscribe(subscription)])
        prefix.setInteger(33 as UInt8, at: start + 28 + 18 + 16)
        #expect(throws: RelayFault.malformed(kind: 1)) { try decode([prefix]) }
    }
}
