import LinkLayer
import OperatorInterface

/// The check that this host forwards nothing: one that does hands the target's answers on to the real clients.
enum ForwardingCheck {
    /// Refuses a host that forwards what arrives on `interfaces`, or either family at all.
    static func run(on interfaces: [String]) throws(Refusal) {
        let isAny = interfaces == [CaptureConfiguration.anyInterface]
        let names = isAny ? (try? Interfaces())?.all.map(\.name) ?? [] : interfaces
        try refuse(IPForwarding.enabledSettings(interfaces: names))
    }

    /// Refuses when any sysctl is named, with the command that mends it.
    static func refuse(_ enabled: [String]) throws(Refusal) {
        guard !enabled.isEmpty else { return }
        let mend = enabled.map { "\($0)=0" }.joined(separator: " ")
        throw Refusal(
            "this host forwards IP packets, so the target's answers would reach the real clients; mend it by: sysctl -w "
                + "\(mend) (or give --allow-forwarding)", .configuration)
    }
}
