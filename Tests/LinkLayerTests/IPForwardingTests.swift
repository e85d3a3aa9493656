import LinkLayer
import Testing

extension InNetworks {
    @Suite struct IPForwardingTests {
        let cable = Cable()

        @Test func `a host that forwards nothing has no setting to name`() {
            cable.network.inside {
                _ = shell(
                    "echo 0 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv6/conf/all/forwarding")
                #expect(!IPForwarding.isEnabled)
                #expect(IPForwarding.enabledSettings(interfaces: [Cable.near, "any", "eth77"]).isEmpty)
            }
        }

        @Test(arguments: ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"])
        func `a host that forwards names the setting that does it`(_ setting: String) {
            cable.network.inside {
                _ = shell("echo 1 > /proc/sys/\(setting.replacing(".", with: "/"))")
                #expect(IPForwarding.isEnabled)
                #expect(IPForwarding.enabledSettings() == [setting])
            }
        }

        @Test func `an interface that forwards though the host does not is named where asked`() {
            cable.network.inside {
                _ = shell("echo 1 > /proc/sys/net/ipv4/conf/near/forwarding")
                #expect(!IPForwarding.isEnabled)
                #expect(
                    IPForwarding.enabledSettings(interfaces: [Cable.near]) == ["net.ipv4.conf.near.forwarding"])
            }
        }
    }
}
