import HeaderRelay
import OperatorInterface
import Wire

/// The addresses that stand for clients: `-c`, networks of either family, no address in two of them.
struct ClientNetworks: Equatable, Sendable {
    static let limit = RelaySubscription.maximumClients

    let prefixes: [AddressPrefix]

    /// Reads elements with commas between them: `10.1.0.7`, `10.1.0.x`, `10.1.0.0/16`, `2001:db8::7`, `2001:db8::/64`.
    init(_ text: String) throws(Refusal) {
        let elements = text.split(separator: ",", omittingEmptySubsequences: false)
        guard elements.count <= Self.limit else {
            throw Refusal("-c: \(elements.count) elements; at most \(Self.limit) are expected")
        }
        var prefixes: [AddressPrefix] = []
        for element in elements {
            let prefix = try Self.network(element)
            if let other = prefixes.first(where: prefix.overlaps) {
                throw Refusal(
                    other == prefix
                        ? "-c \(element): given twice"
                        : "-c \(element): overlaps \(other); each address is expected once")
            }
            prefixes.append(prefix)
        }
        self.prefixes = prefixes
    }

    /// Refuses a pool that holds one of the replay's own hosts, or none of the addresses that a target's clients need.
    func check(
        against transfers: [ResolvedTransfer], _ assistants: [AssistantAddress], _ host: [HostInterface]
    ) throws(Refusal) {
        for transfer in transfers {
            try refuse(transfer.target.address, "the target's address")
            for address in transfer.onlineAddresses { try refuse(address, "the online address") }
            let isIPv4 = transfer.target.address.isIPv4
            guard !prefixes.contains(where: { $0.address.isIPv4 == isIPv4 }) else { continue }
            let (needed, given) = isIPv4 ? ("IPv4", "IPv6") : ("IPv6", "IPv4")
            throw Refusal("-c: only \(given) addresses; \(needed) ones too are expected for -x \(transfer.rule)")
        }
        for address in assistants.compactMap({ IPAddress($0.host) }) { try refuse(address, "the assistant's address") }
        for interface in host {
            for address in interface.addresses { try refuse(address, "this host's address on \(interface.name)") }
        }
    }

    private func refuse(_ address: IPAddress, _ role: String) throws(Refusal) {
        guard let prefix = prefixes.first(where: { $0.contains(address) }) else { return }
        throw Refusal("-c \(prefix.shortText): holds \(role), \(address); addresses of no other host are expected")
    }

    private static func network(_ text: Substring) throws(Refusal) -> AddressPrefix {
        guard let prefix = hosts(text) ?? AddressPrefix(String(text)) else {
            let what = text.isEmpty ? "an empty element" : "no address"
            throw Refusal("-c \(text): \(what); expected an address, a.b.c.x, or a network as 10.1.0.0/16")
        }
        let isWritten = text.hasSuffix(".x") || text.prefix { $0 != "/" }.isAddress(prefix.address)
        guard isWritten else {
            throw Refusal("-c \(text): an address within a network; \(prefix) is expected for all of it")
        }
        if let other = reserved.first(where: prefix.overlaps) {
            throw Refusal("-c \(text): in \(other) there is no host to stand for; hosts' addresses are expected")
        }
        return prefix
    }

    /// `a.b.c.x`: the hosts of that /24.
    private static func hosts(_ text: Substring) -> AddressPrefix? {
        guard text.hasSuffix(".x") else { return nil }
        return AddressPrefix("\(text.dropLast())0/24")
    }

    /// What no client sends from: "this" network, loopback, multicast and the reserved rest (RFC 6890, section 2.2),
    /// and link-local IPv6, which no route leads to.
    private static let reserved = [
        "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/127", "fe80::/10", "ff00::/8",
    ].compactMap(AddressPrefix.init)
}

extension AddressPrefix {
    /// A network of one as its lone address.
    fileprivate var shortText: String { length == address.bitWidth ? "\(address)" : "\(self)" }
}

extension Substring {
    fileprivate func isAddress(_ address: IPAddress) -> Bool { IPAddress(String(self)) == address }
}
