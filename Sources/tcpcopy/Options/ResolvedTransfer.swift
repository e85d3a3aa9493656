import OperatorInterface
import Wire

/// A rule with its online endpoints found: what a packet must be addressed to, to be copied to the target.
struct ResolvedTransfer: Equatable, Sendable {
    let rule: TransferRule
    /// The addresses that stand for online, all of the target's family; none for whatever address a recording
    /// holds.
    let onlineAddresses: [IPAddress]

    /// Without an address in the rule, online is every address of the interfaces listened to.
    init(_ rule: TransferRule, listeningOn interfaces: [String], of host: [HostInterface]) throws(Refusal) {
        self.rule = rule
        guard rule.onlineAddress == nil else {
            onlineAddresses = rule.onlineAddress.map { [$0] } ?? []
            return
        }
        let family = rule.target.address.isIPv4 ? "IPv4" : "IPv6"
        onlineAddresses = host.filter { interfaces == [anyInterface] || interfaces.contains($0.name) }
            .flatMap(\.addresses).filter { $0.isIPv4 == rule.target.address.isIPv4 }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        guard !onlineAddresses.isEmpty else {
            let names = interfaces.joined(separator: ", ")
            throw Refusal(
                "-x \(rule): no \(family) address on \(names) stands for online; expected onlineIP: before the port")
        }
        guard !covers(rule.target) else {
            throw Refusal("-x \(rule): the target is the online endpoint itself; another host or port is expected")
        }
    }

    /// In a recording online is the address in the rule, or every address.
    init(recorded rule: TransferRule) {
        self.rule = rule
        onlineAddresses = rule.onlineAddress.map { [$0] } ?? []
    }

    var carrier: TransferRule.Carrier { rule.carrier }
    var onlinePort: UInt16 { rule.onlinePort }
    var target: Endpoint { rule.target }

    /// Whether a packet to `endpoint` is to be copied.
    func covers(_ endpoint: Endpoint) -> Bool {
        endpoint.port == onlinePort && onlineAddresses.contains(endpoint.address)
    }
}
