import LinkLayer
import Testing
import Wire

extension InNetworks {
    @Suite struct ClosingTests {
        let cable = Cable()

        /// Sockets of this network, of every kind that LinkLayer opens; the kernel's own netlink sockets have no process.
        private var sockets: Int {
            let lines = cable.network.inside {
                shell(
                    """
                    tail -qn +2 /proc/net/packet /proc/net/raw /proc/net/raw6 /proc/net/udp /proc/net/udp6
                    awk 'NR > 1 && $3 != 0' /proc/net/netlink
                    """)
            }
            return lines.split(separator: "\n").count
        }

        private func openAll() throws(SystemRefusal) -> Int {
            for kind in InjectorKind.allCases { _ = try Injector(kind, interfaces: [Cable.near]) }
            var captures = 0
            for mode in [CaptureConfiguration.Mode.blocks, .immediate] {
                var configuration = CaptureConfiguration(interface: Cable.far, filter: "tcp")
                configuration.bufferMebibytes = 1
                configuration.mode = mode
                let capture = try LiveCapture(configuration)
                captures += capture.descriptor >= 0 ? 1 : 0
            }
            var hops = try NextHops([NextHopRequest(target: IPAddress("10.1.0.2")!)])
            try hops.resolve(within: 0)
            _ = hops.refresh()
            return captures
        }

        @Test func `what is opened is closed with its value, also when opening fails half-way`() throws {
            #expect(sockets == 0)
            try cable.network.inside { () throws(SystemRefusal) in
                for _ in 0..<5 {
                    #expect(try openAll() == 2)
                    for kind in [InjectorKind.pcap, .libnet] {
                        #expect(throws: SystemRefusal.self) {
                            _ = try Injector(kind, interfaces: [Cable.near, "eth77"])
                        }
                    }
                    #expect(throws: SystemRefusal.self) {
                        _ = try LiveCapture(CaptureConfiguration(interface: Cable.far, filter: "no such filter"))
                    }
                }
            }
            #expect(sockets == 0)
        }

        @Test func `opening keeps a socket open while the value lives`() throws {
            let injector = try cable.injector(.libnet)
            #expect(sockets == 1)
            #expect(injector.kind == .libnet)
        }
    }
}
