import Glibc
import LinkLayer
import Testing
import Wire

extension InNetworks {
    @Suite struct LiveCaptureTests {
        let cable = Cable()

        private func capture(_ change: (inout CaptureConfiguration) -> Void = { _ in }) throws -> LiveCapture {
            var configuration = CaptureConfiguration(interface: Cable.far, filter: "tcp dst port 8080")
            configuration.mode = .immediate
            configuration.snapshotLength = 2048
            configuration.bufferMebibytes = 4
            change(&configuration)
            return try cable.network.inside { () throws(SystemRefusal) in try LiveCapture(configuration) }
        }

        /// Source ports of the TCP segments among frames.
        private func ports(_ frames: [[UInt8]], _ linkType: LinkType) -> [UInt16] {
            frames.compactMap { frame in
                try? TCPSegment(frame: frame.rawSpan, linkType: linkType, wireLength: frame.count).header.flow
                    .sourcePort
            }
        }

        @Test(arguments: [CaptureConfiguration.Mode.blocks, .immediate])
        func `frames come as they were sent, with length and time`(_ mode: CaptureConfiguration.Mode) throws {
            var capture = try capture { $0.mode = mode }
            #expect(capture.linkType == .ethernet)
            let sent = (0..<50).map { Cable.frame(from: 1000 + UInt16($0), payload: Array(repeating: 7, count: $0)) }
            var before = timespec()
            unsafe clock_gettime(CLOCK_REALTIME, &before)
            cable.send(sent)
            var (frames, times, lengths): ([[UInt8]], [Int64], [Int]) = ([], [], [])
            let deadline = MonotonicClock.now + 2_000_000_000
            while frames.count < sent.count, MonotonicClock.now < deadline {
                _ = try capture.dispatch(limit: 7) { frame in
                    frames.append(unsafe frame.bytes.withUnsafeBytes { unsafe Array($0) })
                    times.append(frame.timestamp)
                    lengths.append(frame.wireLength)
                }
            }
            #expect(frames == sent)
            #expect(lengths == sent.map(\.count))
            let start = Int64(before.tv_sec) * 1_000_000_000 + Int64(before.tv_nsec)
            #expect(times.allSatisfy { $0 >= start && $0 < start + 5_000_000_000 })
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
            #expect(Set(times.map { $0 % 1000 }).count > 1, "times have nanoseconds, not microseconds")
        }

        @Test func `no more than the limit is lent at once`() throws {
            var capture = try capture()
            cable.send((0..<10).map { Cable.frame(from: 1000 + UInt16($0)) })
            var counts: [Int] = []
            for _ in 0..<4 { counts.append(try capture.dispatch(limit: 4) { _ in }) }
            #expect(counts == [4, 4, 2, 0])
        }

        @Test func `what the filter does not want does not come`() throws {
            var capture = try capture { $0.filter = "tcp dst port 8080 and src port 1001" }
            cable.send((0..<3).map { Cable.frame(from: 1000 + UInt16($0)) })
            #expect(ports(try capture.frames(2, within: 200), .ethernet) == [1001])
            #expect(capture.statistics.received == 1)
        }

        @Test(arguments: [CaptureConfiguration.Mode.blocks, .immediate])
        func `a changed filter loses nothing`(_ mode: CaptureConfiguration.Mode) throws {
            var capture = try capture { $0.mode = mode }
            cable.send([Cable.frame(from: 1)])
            try capture.setFilter("tcp dst port 8080 and src port 2")
            cable.send([Cable.frame(from: 2), Cable.frame(from: 3)])
            try capture.setFilter("tcp dst port 8080 and src port 4")
            cable.send([Cable.frame(from: 4), Cable.frame(from: 5)])
            #expect(capture.configuration.filter == "tcp dst port 8080 and src port 4")
            let seen = ports(try capture.frames(1), .ethernet)
            #expect(seen.last == 4)
        }

        @Test func `a filter that does not compile leaves the old one in place`() throws {
            var capture = try capture()
            #expect(throws: SystemRefusal.self) { try capture.setFilter("tcp port") }
            cable.send([Cable.frame(from: 6)])
            #expect(ports(try capture.frames(1), .ethernet) == [6])
        }

        @Test func `frames inside one or two VLAN tags pass the filter where asked`() throws {
            let frames = [Cable.frame(from: 1), Cable.frame(from: 2, tags: [7]), Cable.frame(from: 3, tags: [9, 7])]
            let other = Cable.frame(from: 4, tags: [7]).map { $0 == 0x1f ? 0x2f : $0 }
            var capture = try capture { $0.matchesInsideVLANs = true }
            cable.send(frames + [other])
            let seen = try capture.frames(3)
            #expect(ports(seen, .ethernet) == [1, 2, 3])
            let tags = try seen.map { try LinkFrame($0.rawSpan, linkType: .ethernet).vlan }
            #expect(tags == [nil, 7, 9])
        }

        @Test func `any interface is captured from, and own frames are recognised as outgoing`() throws {
            var capture = try capture { $0.interface = CaptureConfiguration.anyInterface }
            #expect(capture.linkType == .cookedV2)
            cable.send([Cable.frame(from: 8), Cable.frame(from: 9, tags: [7])])
            var seen: [String] = []
            let deadline = MonotonicClock.now + 2_000_000_000
            while seen.count < 3, MonotonicClock.now < deadline {
                _ = try capture.dispatch(limit: 10) { frame in
                    let segment = try? TCPSegment(
                        frame: frame.bytes, linkType: .cookedV2, wireLength: frame.wireLength)
                    seen.append("\(segment?.header.flow.sourcePort ?? 0) \(frame.isOutgoing.map { "\($0)" } ?? "nil")")
                }
            }
            // Out of near and into far: both are on this host. The kernel takes a tag off only on its way in.
            #expect(seen.contains("8 true") && seen.contains("8 false") && seen.contains("9 false"), "\(seen)")
        }

        @Test(arguments: [
            (CaptureConfiguration.Direction.both, 2), (.incoming, 1), (.outgoing, 1),
        ])
        func `a direction is kept to`(_ direction: CaptureConfiguration.Direction, _ count: Int) throws {
            var capture = try capture {
                $0.interface = Cable.near
                $0.direction = direction
            }
            cable.send([Cable.frame(from: 1)])
            let back = cable.network.inside { Int(unsafe if_nametoindex(Cable.far)) }
            var injector = try cable.injector(.packet)
            var batch = PacketBatch()
            let flow = Flow(from: Endpoint(IPAddress("10.1.0.9")!, 2), to: Endpoint(IPAddress("10.1.0.1")!, 8080))
            batch.begin(SegmentHeader(flow: flow, sequence: SequenceNumber(1), flags: .syn, window: 1), target: 0)
            batch.end()
            var addressing = cable.addressing
            addressing.interfaceIndex = back
            injector.send(&batch, addressing: [addressing])
            let expected: [UInt16] =
                switch direction {
                case .both: [1, 2]
                case .incoming: [2]
                case .outgoing: [1]
                }
            #expect(ports(try capture.frames(3, within: 150), .ethernet) == expected)
        }

        @Test(arguments: [CaptureConfiguration.Direction.both, .incoming])
        func `on the loopback interface every frame is seen once`(_ direction: CaptureConfiguration.Direction) throws {
            var capture = try capture {
                $0.interface = "lo"
                $0.filter = "tcp dst port 8080"
                $0.direction = direction
            }
            // A connection to a port where nobody listens: one SYN.
            cable.network.inside {
                _ = shell("timeout 2 bash -c ': < /dev/tcp/127.0.0.1/8080' 2>/dev/null || true")
            }
            let seen = try capture.frames(2, within: 200)
            #expect(seen.count == 1)
            let bytes = try #require(seen.first)
            let segment = try TCPSegment(frame: bytes.rawSpan, linkType: capture.linkType, wireLength: bytes.count)
            #expect(segment.header.flags == .syn)
        }

        @Test func `an interface without Ethernet headers is captured from too`() throws {
            cable.network.inside {
                _ = shell("ip tuntap add tube mode tun; ip link set tube up; ip address add 10.6.0.1/24 dev tube")
            }
            let capture = try capture { $0.interface = "tube" }
            #expect(capture.linkType == .raw)
        }

        @Test func `the snapshot length cuts frames, not their length`() throws {
            var capture = try capture { $0.snapshotLength = 100 }
            cable.send([Cable.frame(payload: Array(repeating: 1, count: 1000))])
            var seen: [[Int]] = []
            let deadline = MonotonicClock.now + 2_000_000_000
            while seen.isEmpty, MonotonicClock.now < deadline {
                _ = try capture.dispatch(limit: 10) { seen.append([$0.bytes.byteCount, $0.wireLength]) }
            }
            #expect(seen == [[100, 1054]])
        }

        @Test func `what the kernel had no room for is counted`() throws {
            var capture = try capture {
                $0.bufferMebibytes = 1
                $0.snapshotLength = 65_535
            }
            for _ in 0..<20 { cable.send((0..<100).map { Cable.frame(from: UInt16($0)) }) }
            let seen = try capture.frames(2000, within: 300).count
            let statistics = capture.statistics
            #expect(statistics.received == 2000)
            #expect(statistics.kernelDrops > 0)
            #expect(statistics.kernelDrops + seen == 2000)
            #expect(capture.statistics == statistics, "reading the counters again changes nothing")
        }

        @Test func `an interface that is down is waited for`() throws {
            var capture = try capture()
            cable.network.inside { _ = shell("ip link set far down") }
            for _ in 0..<3 { #expect(try capture.dispatch(limit: 10) { _ in } == 0) }
            var request = pollfd(fd: capture.descriptor, events: Int16(POLLIN), revents: 0)
            #expect(unsafe poll(&request, 1, 100) == 0, "waiting does not turn into a busy loop")
            cable.network.inside { _ = shell("ip link set far up") }
            // The kernel takes a while to give the other end its carrier back.
            var seen: [[UInt8]] = []
            let deadline = MonotonicClock.now + 5_000_000_000
            while seen.isEmpty, MonotonicClock.now < deadline {
                cable.send([Cable.frame(from: 3)])
                seen += try capture.frames(1, within: 50)
            }
            #expect(ports(seen, .ethernet).first == 3)
        }

        @Test func `an interface taken away is reported`() throws {
            var capture = try capture()
            cable.network.inside { _ = shell("ip link del far") }
            var refusal: SystemRefusal?
            let deadline = MonotonicClock.now + 3_000_000_000
            while refusal == nil, MonotonicClock.now < deadline {
                do throws(SystemRefusal) { _ = try capture.dispatch(limit: 10) { _ in } } catch { refusal = error }
            }
            #expect(refusal?.description == "cannot capture from far: The interface disappeared")
        }

        @Test func `an unknown interface is refused by name`() {
            let refusal = #expect(throws: SystemRefusal.self) {
                _ = try LiveCapture(CaptureConfiguration(interface: "eth77"))
            }
            #expect(refusal?.description == "cannot open eth77 for capture: No such device exists")
            #expect(refusal?.code == ENODEV)
        }

        @Test func `a filter that does not compile is refused in libpcap's words`() throws {
            let refusal = #expect(throws: SystemRefusal.self) { _ = try capture { $0.filter = "tcp dst prt 80" } }
            #expect(refusal?.description.hasPrefix("cannot use the filter \"tcp dst prt 80\": ") == true)
        }
    }
}
