import Glibc
import LinkLayer
import Testing
import Wire

/// Two hosts on one cable: `house`, where the tests look for next hops, and `neighbour`, which answers for itself.
///
/// The neighbour is 10.2.0.2 and 2001:db8:2::2, and the gateway to 10.3.0.0/16 and 2001:db8:3::/48.
struct Street {
    static let neighbourMAC = MACAddress("02:00:00:00:00:22")!
    static let houseMAC = MACAddress("02:00:00:00:00:21")!

    let house = NetworkNamespace()
    let neighbour = NetworkNamespace()

    init() {
        house.inside {
            _ = shell(
                """
                ip link add near address \(Street.houseMAC) type veth peer name far address \(Street.neighbourMAC)
                ip link set far netns \(neighbour.path)
                ip address add 10.2.0.1/24 dev near
                ip address add 2001:db8:2::1/64 dev near nodad
                ip link set near up
                """)
        }
        neighbour.inside {
            _ = shell(
                """
                ip address add 10.2.0.2/24 dev far
                ip address add 2001:db8:2::2/64 dev far nodad
                ip link set far up
                """)
        }
        house.inside {
            _ = shell(
                """
                ip route add 10.3.0.0/16 via 10.2.0.2
                ip route add 2001:db8:3::/48 via 2001:db8:2::2
                # Quick to notice that nobody answers.
                for family in ipv4 ipv6; do
                    cd /proc/sys/net/$family/neigh/near
                    echo 3 > mcast_solicit; echo 2 > ucast_solicit; echo 200 > retrans_time_ms
                    echo 0 > delay_first_probe_time; echo 0 > locktime
                done
                """)
        }
    }

    func resolve(_ request: NextHopRequest, within milliseconds: Int = 3000) throws(SystemRefusal) -> LinkAddressing? {
        try house.inside { () throws(SystemRefusal) in
            var hops = try NextHops([request])
            try hops.resolve(within: milliseconds)
            return hops.addressing[0]
        }
    }
}

extension NextHops {
    /// Takes in changes until the first target's addressing fulfils `condition`, at most five seconds.
    mutating func follow(until condition: (LinkAddressing?) -> Bool) -> Bool {
        let deadline = MonotonicClock.now + 5_000_000_000
        while !condition(addressing[0]) {
            guard MonotonicClock.now < deadline else { return false }
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&request, 1, 100) > 0 else { continue }
            let before = addressing[0]
            let changed = handleReadable()
            #expect(changed == (before == addressing[0] ? [] : [0]), "changed targets are named, others are not")
        }
        return true
    }
}
