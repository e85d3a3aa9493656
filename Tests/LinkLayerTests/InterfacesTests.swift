import Glibc
import LinkLayer
import Testing
import Wire

extension InNetworks {
    @Suite struct InterfacesTests {
        let cable = Cable()

        @Test func `interfaces are read with names, addresses, MTU and state`() throws {
            let interfaces = try cable.network.inside { () throws(SystemRefusal) in
                _ = shell("ip link set near mtu 1400; ip link set far down")
                return try Interfaces()
            }
            let near = try #require(interfaces[name: Cable.near])
            #expect(near.address == Cable.nearMAC)
            #expect(near.mtu == 1400)
            #expect(near.isUp && near.isEthernet && !near.isLoopback && !near.isVRF)
            #expect(Set(near.addresses).isSuperset(of: [IPAddress("10.1.0.1"), IPAddress("2001:db8:1::1")]))
            #expect(interfaces[index: near.index] == near)
            let far = try #require(interfaces[name: Cable.far])
            #expect(!far.isUp && far.addresses.isEmpty)
            let loopback = try #require(interfaces[name: "lo"])
            #expect(loopback.isLoopback && loopback.isUp && loopback.addresses.contains(IPAddress("127.0.0.1")!))
            #expect(interfaces.all.count == 3)
        }

        @Test func `the interface that holds an address is found`() throws {
            let interfaces = try cable.network.inside { () throws(SystemRefusal) in try Interfaces() }
            #expect(interfaces.holding(IPAddress("10.1.0.1")!)?.name == Cable.near)
            #expect(interfaces.holding(IPAddress("2001:db8:1::1")!)?.name == Cable.near)
            #expect(interfaces.holding(IPAddress("10.1.0.2")!) == nil)
            #expect(interfaces[name: "eth77"] == nil)
            #expect(interfaces[index: 7777] == nil)
        }

        @Test func `a point-to-point link is listed with this end's address`() throws {
            let interfaces = try cable.network.inside { () throws(SystemRefusal) in
                _ = shell("ip tuntap add tube mode tun; ip address add 10.5.0.1 peer 10.5.0.2 dev tube")
                return try Interfaces()
            }
            #expect(interfaces.holding(IPAddress("10.5.0.1")!)?.name == "tube")
            #expect(interfaces.holding(IPAddress("10.5.0.2")!) == nil)
            #expect(interfaces[name: "tube"]?.isEthernet == false && interfaces[name: "tube"]?.address == nil)
        }

        @Test func `a VRF is known as one, where the kernel has them`() throws {
            let made = cable.network.inside { shell("ip link add red type vrf table 10 && echo made || echo none") }
            guard made.hasSuffix("made\n") else { try Test.cancel("this kernel has no VRFs") }
            let interfaces = try cable.network.inside { () throws(SystemRefusal) in try Interfaces() }
            #expect(interfaces[name: "red"]?.isVRF == true)
        }

        @Test func `a host with a thousand addresses is read whole`() throws {
            let interfaces = try cable.network.inside { () throws(SystemRefusal) in
                _ = shell(
                    """
                    for third in 1 2 3 4; do for fourth in $(seq 1 250); do
                        echo address add 10.77.$third.$fourth/32 dev near
                    done; done | ip -batch -
                    """)
                return try Interfaces()
            }
            #expect((interfaces[name: Cable.near]?.addresses.count ?? 0) >= 1002)
            #expect(interfaces.holding(IPAddress("10.77.4.250")!)?.name == Cable.near)
        }
    }
}
