import FoundationEssentials
import OperatorInterface

/// The check that this host forwards nothing: one that does hands the target's answers on to the real clients.
enum ForwardingCheck {
    /// Refuses when one of the two families is forwarded, with the command that mends it.
    static func run() throws(Refusal) {
        let switches = [
            ("net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward"),
            ("net.ipv6.conf.all.forwarding", "/proc/sys/net/ipv6/conf/all/forwarding"),
        ]
        try refuse(switches.filter { (try? String(contentsOfFile: $0.1, encoding: .utf8).first) == "1" }.map(\.0))
    }

    /// Refuses when any sysctl is named.
    static func refuse(_ enabled: [String]) throws(Refusal) {
        guard !enabled.isEmpty else { return }
        let mend = enabled.map { "\($0)=0" }.joined(separator: " ")
        throw Refusal(
            "this host forwards IP packets, so the target's answers would reach the real clients; mend it by: sysctl -w "
                + "\(mend) (or give --allow-forwarding)", .configuration)
    }
}
