import Glibc
import LinkLayer
import Testing
import Wire

extension InNetworks {
    @Suite struct NextHopsTests {
        let street = Street()

        private func address(_ text: String) -> IPAddress { IPAddress(text)! }

        @Test(arguments: ["10.2.0.2", "2001:db8:2::2", "10.3.4.5", "2001:db8:3::7"])
        func `a neighbour nobody has asked for yet is found, on the link and as gateway`(_ target: String) throws {
            let found = try street.resolve(NextHopRequest(target: address(target)))
            let index = street.house.inside { Int(unsafe if_nametoindex("near")) }
            #expect(
                found
                    == LinkAddressing(
                        interfaceIndex: index, interfaceName: "near", source: Street.houseMAC,
                        destination: Street.neighbourMAC, mtu: 1500))
        }

        @Test func `a neighbour that the kernel knows is found without asking`() throws {
            street.house.inside {
                _ = shell("ip neighbour replace 10.2.0.9 lladdr 02:00:00:00:00:99 dev near")
            }
            let found = try street.resolve(NextHopRequest(target: address("10.2.0.9")), within: 0)
            #expect(found?.destination == MACAddress("02:00:00:00:00:99"))
        }

        @Test(arguments: [("10.2.0.77", "10.2.0.77"), ("2001:db8:2::77", "2001:db8:2::77"), ("10.9.9.9", "10.2.0.78")])
        func `a next hop that never answers is named`(_ target: String, _ nextHop: String) {
            street.house.inside { _ = shell("ip route add 10.9.0.0/16 via 10.2.0.78") }
            let refusal = #expect(throws: SystemRefusal.self) {
                try street.resolve(NextHopRequest(target: address(target)), within: 700)
            }
            #expect(refusal?.description == "cannot reach \(target): next hop \(nextHop) on near does not answer")
        }

        @Test func `waiting for a silent next hop ends in time`() {
            street.house.inside { _ = shell("echo 20 > /proc/sys/net/ipv4/neigh/near/mcast_solicit") }
            let start = MonotonicClock.now
            #expect(throws: SystemRefusal.self) {
                try street.resolve(NextHopRequest(target: address("10.2.0.77")), within: 300)
            }
            let milliseconds = (MonotonicClock.now - start) / 1_000_000
            #expect(milliseconds >= 300 && milliseconds < 1500)
        }

        @Test(arguments: ["192.0.2.1", "2001:db8:9::1"])
        func `a target without a route is refused at once`(_ target: String) {
            let refusal = #expect(throws: SystemRefusal.self) {
                try street.resolve(NextHopRequest(target: address(target)))
            }
            #expect(refusal?.description == "cannot find a route to \(target): Network is unreachable")
            #expect(refusal?.code == ENETUNREACH)
        }

        @Test func `a route that forbids is refused`() {
            street.house.inside { _ = shell("ip route add unreachable 10.8.0.0/16") }
            let refusal = #expect(throws: SystemRefusal.self) {
                try street.resolve(NextHopRequest(target: address("10.8.1.1")))
            }
            #expect(refusal?.code == EHOSTUNREACH)
        }

        @Test func `addresses given by hand win, and then nobody is asked`() throws {
            let request = NextHopRequest(
                target: address("10.2.0.77"), source: MACAddress("02:00:00:00:00:0a"),
                destination: MACAddress("02:00:00:00:00:0b"))
            let found = try street.resolve(request, within: 0)
            #expect(found?.source == request.source && found?.destination == request.destination)
            street.house.inside { #expect(shell("ip neighbour show 10.2.0.77").isEmpty) }
        }

        @Test func `an output interface given by hand wins over the route`() throws {
            street.house.inside {
                _ = shell(
                    """
                    ip link add other address 02:00:00:00:00:31 mtu 1400 type veth peer name further
                    ip link set other up; ip link set further up
                    ip neighbour replace 10.3.4.5 lladdr 02:00:00:00:00:32 dev other
                    """)
            }
            let found = try street.resolve(NextHopRequest(target: address("10.3.4.5"), interface: "other"), within: 0)
            #expect(found?.interfaceName == "other" && found?.mtu == 1400)
            #expect(
                found?.source == MACAddress("02:00:00:00:00:31")
                    && found?.destination == MACAddress("02:00:00:00:00:32"))
        }

        @Test func `an unknown output interface is refused by name`() {
            let refusal = #expect(throws: SystemRefusal.self) {
                try street.resolve(NextHopRequest(target: address("10.2.0.2"), interface: "eth77"))
            }
            #expect(refusal?.description == "cannot use eth77: No such device")
        }

        @Test func `an interface without Ethernet headers is refused`() {
            street.house.inside {
                _ = shell(
                    """
                    ip tuntap add tube mode tun
                    ip link set tube up
                    ip route add 10.7.0.0/16 dev tube
                    """)
            }
            let refusal = #expect(throws: SystemRefusal.self) {
                try street.resolve(NextHopRequest(target: address("10.7.0.1")))
            }
            #expect(refusal?.description == "cannot inject into tube: it is no Ethernet interface")
        }

        @Test func `a target on this host itself is reached over the loopback interface`() throws {
            let found = try street.resolve(NextHopRequest(target: address("127.0.0.1")), within: 0)
            #expect(found?.interfaceName == "lo" && found?.source == .zero && found?.destination == .zero)
        }

        @Test func `a neighbour that announces another address is followed`() throws {
            try street.house.inside { () throws(SystemRefusal) in
                var hops = try NextHops([NextHopRequest(target: address("10.3.4.5"))])
                try hops.resolve(within: 3000)
                street.neighbour.inside {
                    _ = shell(
                        "echo 1 > /proc/sys/net/ipv4/conf/far/arp_notify; ip link set far address 02:00:00:00:00:66")
                }
                let isFollowed = hops.follow { $0?.destination == MACAddress("02:00:00:00:00:66") }
                #expect(isFollowed)
            }
        }

        @Test func `a neighbour that is unplugged and comes back with another address is followed`() throws {
            try street.house.inside { () throws(SystemRefusal) in
                var hops = try NextHops([NextHopRequest(target: address("10.3.4.5"))])
                try hops.resolve(within: 3000)
                street.neighbour.inside {
                    _ = shell("ip link set far down; ip link set far address 02:00:00:00:00:65")
                }
                _ = shell("until ip link show near | grep -q NO-CARRIER; do sleep 0.01; done")
                street.neighbour.inside { _ = shell("ip link set far up") }
                let isFollowed = hops.follow { $0?.destination == MACAddress("02:00:00:00:00:65") }
                #expect(isFollowed)
            }
        }

        @Test(arguments: ["10.2.0.2", "2001:db8:3::7"])
        func `a neighbour that moves without a word is found again after a refresh`(_ target: String) throws {
            try street.house.inside { () throws(SystemRefusal) in
                var hops = try NextHops([NextHopRequest(target: address(target))])
                try hops.resolve(within: 3000)
                street.neighbour.inside { _ = shell("ip link set far address 02:00:00:00:00:67") }
                _ = shell("ip neighbour change 10.2.0.2 dev near nud stale || true")
                _ = shell("ip neighbour change 2001:db8:2::2 dev near nud stale || true")
                #expect(hops.refresh().isEmpty)
                let isFollowed = hops.follow { $0?.destination == MACAddress("02:00:00:00:00:67") }
                #expect(isFollowed)
            }
        }

        @Test func `a route that moves to another gateway is followed`() throws {
            street.neighbour.inside { _ = shell("ip address add 10.2.0.3/24 dev far") }
            try street.house.inside { () throws(SystemRefusal) in
                _ = shell("ip neighbour replace 10.2.0.3 lladdr 02:00:00:00:00:33 dev near")
                var hops = try NextHops([NextHopRequest(target: address("10.3.4.5"))])
                try hops.resolve(within: 3000)
                _ = shell("ip route replace 10.3.0.0/16 via 10.2.0.3")
                let isFollowed = hops.follow { $0?.destination == MACAddress("02:00:00:00:00:33") }
                #expect(isFollowed)
            }
        }

        @Test func `a link that goes away leaves a target without addressing until it is back`() throws {
            try street.house.inside { () throws(SystemRefusal) in
                var hops = try NextHops([NextHopRequest(target: address("10.2.0.2"))])
                try hops.resolve(within: 3000)
                _ = shell("ip link set near down")
                let isLost = hops.follow { $0 == nil }
                #expect(isLost)
                _ = shell("ip link set near up")
                let isBack = hops.follow { $0?.destination == Street.neighbourMAC }
                #expect(isBack)
            }
        }

        @Test func `an interface taken away is followed too`() throws {
            try street.house.inside { () throws(SystemRefusal) in
                var hops = try NextHops([NextHopRequest(target: address("10.2.0.2"))])
                try hops.resolve(within: 3000)
                _ = shell("ip link del near")
                let isLost = hops.follow { $0 == nil }
                #expect(isLost)
            }
        }

        @Test func `a refresh finds a route that has come without a word, and names its target`() throws {
            try street.house.inside { () throws(SystemRefusal) in
                var hops = try NextHops([NextHopRequest(target: address("10.3.4.5"))])
                try hops.resolve(within: 3000)
                _ = shell("ip route del 10.3.0.0/16")
                let isLost = hops.follow { $0 == nil }
                #expect(isLost)
                _ = shell("ip route add 10.3.0.0/16 via 10.2.0.2")
                // The news of it waits unread.
                #expect(hops.refresh() == [0])
                #expect(hops.addressing[0]?.destination == Street.neighbourMAC)
            }
        }

        @Test func `a changed MTU is followed`() throws {
            try street.house.inside { () throws(SystemRefusal) in
                var hops = try NextHops([NextHopRequest(target: address("10.2.0.2"))])
                try hops.resolve(within: 3000)
                _ = shell("ip link set near mtu 1300")
                let isFollowed = hops.follow { $0?.mtu == 1300 }
                #expect(isFollowed)
            }
        }
    }
}
