import Glibc
import LinkLayer
import Testing
import Wire

/// Two Ethernet interfaces joined by a cable, both in one network: what leaves `near` arrives at `far`.
///
/// `near` has addresses; those of the host behind `far` are known to it as neighbours, though nobody is there.
struct Cable {
    static let near = "near"
    static let far = "far"
    static let nearMAC = MACAddress("02:00:00:00:00:01")!
    static let farMAC = MACAddress("02:00:00:00:00:02")!

    let network = NetworkNamespace()

    init() { lay() }

    /// Joins the two interfaces, also after one was taken away.
    func lay(mtu: Int = 1500) {
        network.inside {
            _ = shell(
                """
                ip link add near address \(Cable.nearMAC) mtu \(mtu) type veth peer name far address \(Cable.farMAC) mtu \(mtu)
                for name in near far; do
                    echo 1 > /proc/sys/net/ipv6/conf/$name/disable_ipv6
                    ip link set $name up
                done
                echo 0 > /proc/sys/net/ipv6/conf/near/disable_ipv6
                ip address add 10.1.0.1/24 dev near
                ip address add 2001:db8:1::1/64 dev near nodad
                ip neighbour replace 10.1.0.2 lladdr \(Cable.farMAC) dev near
                ip neighbour replace 2001:db8:1::2 lladdr \(Cable.farMAC) dev near
                # Until then the kernel drops what is sent, and says nothing.
                for name in near far; do
                    until ip link show $name | grep -q 'state UP'; do sleep 0.02; done
                done
                """)
        }
    }

    /// How frames leave `near` for `far`.
    var addressing: LinkAddressing {
        network.inside {
            LinkAddressing(
                interfaceIndex: Int(unsafe if_nametoindex(Cable.near)), interfaceName: Cable.near,
                source: Cable.nearMAC, destination: Cable.farMAC, mtu: 1500)
        }
    }

    func injector(_ kind: InjectorKind) throws -> Injector {
        try network.inside { () throws(SystemRefusal) in try Injector(kind, interfaces: [Cable.near]) }
    }

    /// A capture of what arrives at `far`.
    func capture(_ filter: String = "tcp", on interface: String = Cable.far) throws -> LiveCapture {
        var configuration = CaptureConfiguration(interface: interface, filter: filter)
        configuration.direction = .incoming
        configuration.mode = .immediate
        configuration.bufferMebibytes = 64
        return try network.inside { try LiveCapture(configuration) }
    }
}

extension LiveCapture {
    /// Waits until `count` frames have come, at most two seconds, and returns copies of what came.
    mutating func frames(_ count: Int, within milliseconds: Int32 = 2000) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        let deadline = MonotonicClock.now + Int64(milliseconds) * 1_000_000
        while frames.count < count, MonotonicClock.now < deadline {
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&request, 1, 50)
            _ = try dispatch(limit: 1000) { frame in
                frames.append(unsafe frame.bytes.withUnsafeBytes { unsafe Array($0) })
            }
        }
        return frames
    }
}
