import Glibc

/// Whether this host passes packets on between its interfaces, as a black hole must not.
///
/// Source: the kernel's Documentation/networking/ip-sysctl.rst.
public enum IPForwarding {
    /// The sysctls that are on, by name: `net.ipv4.ip_forward`. Empty when nothing is forwarded.
    ///
    /// - Parameter interfaces: interfaces whose own IPv4 switch counts too; it may be on though the general one is off.
    public static func enabledSettings(interfaces: [String] = []) -> [String] {
        let general = ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"]
        let own = interfaces.filter { $0 != CaptureConfiguration.anyInterface }.map { "net/ipv4/conf/\($0)/forwarding" }
        return (general + own).filter(isOn).map { $0.replacing("/", with: ".") }
    }

    public static var isEnabled: Bool { !enabledSettings().isEmpty }

    /// Whether a sysctl reads other than 0. One that does not exist, as those of IPv6 where that is absent, is off.
    private static func isOn(_ setting: String) -> Bool {
        guard let file = try? Descriptor(file: "/proc/sys/\(setting)") else { return false }
        var byte: UInt8 = 0
        guard case .done(1) = SystemCall.perform({ unsafe read(file.number, &byte, 1) }) else { return false }
        return byte != UInt8(ascii: "0")
    }
}
