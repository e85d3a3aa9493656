import Glibc
import LinkLayer
import Testing
import Wire

extension InNetworks {
    @Suite struct InjectorTests {
        static let sources = [("10.7.7.7", "10.1.0.2"), ("2001:db8:7::7", "2001:db8:1::2")]

        /// A segment from an address that is nobody's, as a replayed client's is.
        private func header(_ index: Int, _ family: Int) throws -> SegmentHeader {
            let (source, destination) = Self.sources[family]
            var options = TCPOptions()
            options.timestamps = TCPTimestamps(value: UInt32(index), echo: 7)
            return SegmentHeader(
                flow: Flow(
                    from: Endpoint(try #require(IPAddress(source)), UInt16(40_000 + index)),
                    to: Endpoint(try #require(IPAddress(destination)), 8080)),
                sequence: SequenceNumber(UInt32(index)), acknowledgement: SequenceNumber(9), flags: [.psh, .ack],
                window: 512, options: options)
        }

        private func payload(_ length: Int) -> [UInt8] {
            (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ length) }
        }

        /// One packet for each length, of these families in turn; 0 is IPv4.
        private func fill(_ batch: inout PacketBatch, _ lengths: [Int], families: [Int], target: Int = 0) throws {
            for (index, length) in lengths.enumerated() {
                batch.begin(try header(index, families[index % families.count]), target: target)
                batch.append(payload(length).rawSpan)
                batch.end()
            }
        }

        @Test(arguments: InjectorKind.allCases)
        func `frames of all sizes and both families arrive byte by byte`(_ kind: InjectorKind) throws {
            let cable = Cable()
            var capture = try cable.capture()
            var injector = try cable.injector(kind)
            // 1500 less 40 less 32 is the largest payload that fits over IPv6.
            let lengths = [0, 0, 1, 1, 2, 3, 7, 8, 63, 64, 536, 537, 1199, 1200, 1427, 1428, 1448, 1428]
            var batch = PacketBatch()
            try fill(&batch, lengths, families: [0, 1])
            let packets = (0..<batch.count).map { index in
                unsafe batch.packet(index).withUnsafeBytes { unsafe Array($0) }
            }
            injector.send(&batch, addressing: [cable.addressing])

            let isEmpty = batch.isEmpty
            #expect(isEmpty)
            #expect(injector.statistics.packets == lengths.count)
            #expect(injector.statistics.refused.isEmpty)
            let link = kind == .raw ? 0 : 14
            #expect(injector.statistics.bytes == packets.reduce(0) { $0 + $1.count + link })

            let frames = try capture.frames(lengths.count)
            try #require(frames.count == lengths.count, "\(frames.map { ($0.count, $0[12]) })")
            // The raw sender has one socket for each family, so the order between families is not kept.
            for family in 0...1 {
                let arrived = frames.filter { $0[12] == (family == 0 ? 0x08 : 0x86) }
                let sent = packets.indices.filter { $0 % 2 == family }
                try #require(arrived.count == sent.count)
                for (frame, index) in zip(arrived, sent) {
                    #expect(MACAddress(frame.rawSpan, at: 0) == Cable.farMAC)
                    #expect(MACAddress(frame.rawSpan, at: 6) == Cable.nearMAC)
                    #expect(isSame(Array(frame[14...]), packets[index]))
                    #expect(try checksumsAreValid(frame))
                }
            }
        }

        @Test(arguments: InjectorKind.allCases)
        func `a batch of more packets than one system call takes arrives whole and in order`(_ kind: InjectorKind)
            throws
        {
            let cable = Cable()
            var capture = try cable.capture()
            var injector = try cable.injector(kind)
            var batch = PacketBatch(packetCapacity: 200)
            try fill(&batch, Array(repeating: 100, count: 200), families: [1])
            injector.send(&batch, addressing: [cable.addressing])
            #expect(injector.statistics.packets == 200)
            let sequences = try capture.frames(200).map { frame in frame.rawSpan.bigEndian32(at: 14 + 40 + 4) }
            #expect(sequences == Array(0..<200))
        }

        /// Bulk of one connection: full segments, and a shorter last one with PSH.
        private func fillBulk(_ batch: inout PacketBatch, _ count: Int, family: Int, size: Int = 1428) throws {
            var header = try header(0, family)
            header.flags = .ack
            for index in 0..<count {
                let length = index == count - 1 ? 77 : size
                if index == count - 1 { header.flags = [.ack, .psh] }
                batch.begin(header, target: 0)
                batch.append(payload(length + index % 2 * 256).rawSpan.extracting(..<length))
                batch.end()
                header.sequence = header.sequence.advanced(by: length)
            }
        }

        @Test(arguments: [0, 1])
        func `bulk goes as one large packet, cut by the kernel into what each segment would have been`(_ family: Int)
            throws
        {
            let cable = Cable()
            cable.network.inside { _ = shell("ethtool -K near tso off gso off tx off") }
            var capture = try cable.capture()
            var injector = try cable.injector(.packet)
            var batch = PacketBatch()
            try fill(&batch, [100], families: [family])
            try fillBulk(&batch, 30, family: family)
            try fill(&batch, [200], families: [family])
            let packets = (0..<batch.count).map { Array(copying: batch.packet($0)) }
            let addressing = cable.addressing
            let calls = cable.network.inside {
                SystemCallTrace.of("sendmsg,sendmmsg") { injector.send(&batch, addressing: [addressing]) }
            }
            #expect(calls.split(separator: "\n").count { $0.contains("send") } == 3, "\(calls)")
            #expect(injector.statistics.packets == 32)
            #expect(injector.statistics.bytes == packets.reduce(0) { $0 + $1.count + 14 })
            #expect(injector.statistics.refused.isEmpty)
            let frames = try capture.frames(32)
            try #require(frames.count == 32, "\(frames.map(\.count))")
            for (frame, packet) in zip(frames, packets) {
                #expect(MACAddress(frame.rawSpan, at: 0) == Cable.farMAC)
                #expect(try checksumsAreValid(frame))
                #expect(isSame(Array(frame[14...]), packet))
            }
        }

        @Test func `bulk that is larger than the MTU is not cut from a large packet either`() throws {
            let cable = Cable()
            var injector = try cable.injector(.packet)
            var batch = PacketBatch()
            try fillBulk(&batch, 4, family: 0, size: 1449)
            injector.send(&batch, addressing: [cable.addressing])
            #expect(injector.statistics.packets == 1)
            #expect(injector.statistics.refused == [EMSGSIZE: 3])
        }

        @Test func `bulk towards a link that is down is counted segment by segment`() throws {
            let cable = Cable()
            var injector = try cable.injector(.packet)
            var batch = PacketBatch()
            cable.network.inside { _ = shell("ip link set near down") }
            try fillBulk(&batch, 8, family: 0)
            injector.send(&batch, addressing: [cable.addressing])
            #expect(injector.statistics.packets == 0)
            #expect(injector.statistics.refused == [ENETDOWN: 8])
        }

        @Test(arguments: InjectorKind.allCases)
        func `a packet larger than the MTU is counted, the others are sent`(_ kind: InjectorKind) throws {
            let cable = Cable()
            var capture = try cable.capture()
            var injector = try cable.injector(kind)
            var batch = PacketBatch()
            // 20 + 32 + 1448 is the MTU.
            try fill(&batch, [10, 1449, 1448, 9000, 20], families: [0])
            injector.send(&batch, addressing: [cable.addressing])
            #expect(injector.statistics.packets == 3)
            #expect(injector.statistics.refused == [EMSGSIZE: 2])
            #expect(injector.statistics.refusedByName == ["EMSGSIZE": 2])
            #expect(try capture.frames(3).map { $0.count - 14 - 52 } == [10, 1448, 20])
        }

        @Test(arguments: InjectorKind.allCases)
        func `a link that is down is counted, and used again when it is up`(_ kind: InjectorKind) throws {
            let cable = Cable()
            var injector = try cable.injector(kind)
            var batch = PacketBatch()
            cable.network.inside { _ = shell("ip link set near down") }
            try fill(&batch, [1, 2, 3], families: [0])
            injector.send(&batch, addressing: [cable.addressing])
            #expect(injector.statistics.packets == 0)
            #expect(injector.statistics.refused == [kind == .raw ? ENETUNREACH : ENETDOWN: 3])

            cable.network.inside {
                _ = shell(
                    """
                    ip link set near up
                    ip neighbour replace 10.1.0.2 lladdr \(Cable.farMAC) dev near
                    """)
            }
            var capture = try cable.capture()
            try fill(&batch, [1, 2, 3], families: [0])
            injector.send(&batch, addressing: [cable.addressing])
            #expect(injector.statistics.packets == 3)
            #expect(try capture.frames(3).count == 3)
        }

        @Test(arguments: InjectorKind.allCases)
        func `an interface taken away is counted, and used again when it is made anew`(_ kind: InjectorKind) throws {
            let cable = Cable()
            var injector = try cable.injector(kind)
            var batch = PacketBatch()
            let before = cable.addressing
            cable.network.inside { _ = shell("ip link del near") }
            try fill(&batch, [1, 2, 3], families: [0])
            injector.send(&batch, addressing: [before])
            #expect(injector.statistics.packets == 0)
            #expect(injector.statistics.refused.values.reduce(0, +) == 3)

            cable.lay()
            var capture = try cable.capture()
            #expect(cable.addressing.interfaceIndex != before.interfaceIndex)
            try fill(&batch, [1, 2, 3], families: [0])
            cable.network.inside { injector.send(&batch, addressing: [cable.addressing]) }
            #expect(injector.statistics.packets == 3)
            #expect(try capture.frames(3).count == 3)
        }

        @Test(arguments: [InjectorKind.pcap, .libnet, .packet])
        func `each target of a batch has an interface of its own`(_ kind: InjectorKind) throws {
            let cable = Cable()
            var injector = try cable.injector(kind)
            cable.network.inside {
                _ = shell("ip link add left type veth peer name right; ip link set left up; ip link set right up")
            }
            var second = cable.addressing
            second.interfaceName = "left"
            second.interfaceIndex = cable.network.inside { Int(unsafe if_nametoindex("left")) }
            var capture = try cable.capture()
            var other = try cable.capture(on: "right")
            var batch = PacketBatch()
            for index in 0..<6 { try fill(&batch, [index], families: [0], target: index % 2) }
            cable.network.inside { injector.send(&batch, addressing: [cable.addressing, second]) }
            #expect(injector.statistics.packets == 6)
            #expect(try capture.frames(3).map { $0.count - 66 } == [0, 2, 4])
            #expect(try other.frames(3).map { $0.count - 66 } == [1, 3, 5])
        }

        @Test(arguments: [InjectorKind.pcap, .libnet, .packet])
        func `a target whose next hop is not known is counted`(_ kind: InjectorKind) throws {
            let cable = Cable()
            var injector = try cable.injector(kind)
            var batch = PacketBatch()
            try fill(&batch, [1, 2], families: [0])
            try fill(&batch, [3], families: [0], target: 1)
            injector.send(&batch, addressing: [nil, cable.addressing])
            #expect(injector.statistics.packets == 1)
            #expect(injector.statistics.refused == [EHOSTUNREACH: 2])
        }

        @Test func `a queue that stays full delays a batch by milliseconds and is counted`() throws {
            let cable = Cable()
            // One packet a second at most, and a queue of one.
            cable.network.inside {
                _ = shell("tc qdisc add dev near root tbf rate 8kbit burst 1600 limit 1600")
            }
            var injector = try cable.injector(.packet)
            var batch = PacketBatch()
            try fill(&batch, Array(repeating: 1400, count: 60), families: [0])
            let start = MonotonicClock.now
            injector.send(&batch, addressing: [cable.addressing])
            #expect(MonotonicClock.now - start < 500_000_000)
            let refused = injector.statistics.refused[ENOBUFS, default: 0]
            #expect(refused > 0 && injector.statistics.packets + refused == 60)
            #expect(injector.statistics.retries > 0)
        }

        @Test(arguments: InjectorKind.allCases)
        func `a handle that injects receives nothing`(_ kind: InjectorKind) throws {
            let cable = Cable()
            let before = cable.network.inside { shell("tail -qn +2 /proc/net/packet /proc/net/raw /proc/net/raw6") }
            #expect(before.isEmpty)
            var injector = try cable.injector(kind)
            let sockets = PacketSocket.all(in: cable.network)
            // `packet` has a second one, for bulk.
            #expect(sockets.count == (kind == .raw ? 0 : kind == .packet ? 2 : 1))
            // A flood that it would see: from outside, and its own.
            var flood = try cable.network.inside { () throws(SystemRefusal) in try Injector(.packet, interfaces: []) }
            var back = cable.addressing
            back.interfaceIndex = cable.network.inside { Int(unsafe if_nametoindex(Cable.far)) }
            swap(&back.source, &back.destination)
            for _ in 0..<10 {
                var batch = PacketBatch()
                try fill(&batch, Array(repeating: 500, count: 60), families: [0, 1])
                flood.send(&batch, addressing: [back])
                try fill(&batch, Array(repeating: 500, count: 60), families: [0, 1])
                injector.send(&batch, addressing: [cable.addressing])
            }
            #expect(injector.statistics.packets == 600)
            for socket in sockets { #expect(socket.received == 0 && socket.waiting == 0) }
            // sl local remote st tx_queue:rx_queue …
            let raw = cable.network.inside { shell("tail -qn +2 /proc/net/raw /proc/net/raw6") }.split(separator: "\n")
            #expect(raw.count == (kind == .raw ? 2 : 0))
            for socket in raw { #expect(socket.split(separator: " ")[4].hasSuffix(":00000000"), "\(socket)") }
        }

        @Test(arguments: [InjectorKind.pcap, .libnet])
        func `an injector opened amid traffic keeps none of it`(_ kind: InjectorKind) async throws {
            let cable = Cable()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var flood = try cable.injector(.packet)
                    while !Task.isCancelled {
                        var batch = PacketBatch()
                        try fill(&batch, [100, 100, 100, 100], families: [0])
                        flood.send(&batch, addressing: [cable.addressing])
                    }
                }
                defer { group.cancelAll() }
                for _ in 0..<20 {
                    let others = Set(PacketSocket.all(in: cable.network).map(\.descriptor))
                    let injector = try cable.injector(kind)
                    let opened = PacketSocket.all(in: cable.network).filter { !others.contains($0.descriptor) }
                    #expect(opened.count == 1)
                    for socket in opened { #expect(socket.received == 0 && socket.waiting == 0) }
                    #expect(injector.statistics.packets == 0)
                }
            }
        }

        @Test(arguments: [
            (InjectorKind.pcap, #"^send(to)?\(\d+, .*, 66, 0(, NULL, 0)?\) = 66$"#, 8),
            (.libnet, #"^ioctl\(\d+, SIOCGIFINDEX.*\n^sendto\(\d+, .*sll_ifindex=if_nametoindex\("near"\).* = 66$"#, 8),
            (.packet, #"^sendmmsg\(\d+, .*sa_family=AF_PACKET.*, 8, MSG_DONTWAIT\) = 8$"#, 1),
            (.raw, #"^sendmmsg\(\d+, .*sa_family=AF_INET, .*10\.1\.0\.2.*, 8, MSG_DONTWAIT\) = 8$"#, 1),
        ])
        func `each way sends by its own system call`(_ kind: InjectorKind, _ call: String, _ count: Int) throws {
            let cable = Cable()
            var injector = try cable.injector(kind)
            var batch = PacketBatch()
            let addressing = cable.addressing
            try fill(&batch, Array(repeating: 0, count: 8), families: [0])
            let calls = cable.network.inside {
                SystemCallTrace.of("send,sendto,sendmsg,sendmmsg,ioctl") {
                    injector.send(&batch, addressing: [addressing])
                }
            }
            #expect(injector.statistics.packets == 8)
            let pattern = try Regex(call).anchorsMatchLineEndings()
            #expect(calls.matches(of: pattern).count == count, "\(calls)")
            // And by no other: every line belongs to a match.
            let lines = calls.split(separator: "\n").filter { $0.contains("send") }
            #expect(lines.count == count, "\(calls)")
        }

        @Test(arguments: [InjectorKind.pcap, .libnet])
        func `an unknown interface is refused by name`(_ kind: InjectorKind) {
            let refusal = #expect(throws: SystemRefusal.self) { _ = try Injector(kind, interfaces: ["eth77"]) }
            #expect(refusal?.description.hasPrefix("cannot open eth77 for injection: ") == true)
            #expect(refusal?.description.contains("\n") == false)
        }

        /// Raw IPv4 sockets may choose an identification where it is 0.
        private func isSame(_ arrived: [UInt8], _ sent: [UInt8]) -> Bool {
            guard arrived.count == sent.count else { return false }
            let free: Set = sent[0] >> 4 == 4 ? [4, 5, 10, 11] : []
            return arrived.indices.allSatisfy { free.contains($0) || arrived[$0] == sent[$0] }
        }

        private func checksumsAreValid(_ frame: [UInt8]) throws -> Bool {
            let packet = try IPPacket(frame.rawSpan.extracting(14...), wireLength: frame.count - 14)
            var transport = InternetChecksum()
            transport.add(packet.source)
            transport.add(packet.destination)
            transport.add(UInt16(packet.transport))
            transport.add(UInt16(packet.payloadLength))
            transport.add(packet.payload)
            var network = InternetChecksum()
            if packet.source.isIPv4 { network.add(frame.rawSpan.extracting(14..<34)) }
            return transport.value == 0 && (!packet.source.isIPv4 || network.value == 0)
        }
    }
}
