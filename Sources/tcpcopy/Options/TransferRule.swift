import OperatorInterface
import Wire

/// What to copy where: one element of `-x`, `[onlineIP:]onlinePort[@sourceMAC]-targetIP:targetPort[@nextHopMAC]`.
///
/// An IPv6 address stands in brackets. Before it may stand what carries the traffic: `tcp/`, `udp/`, `udp-oneway/`.
struct TransferRule: Equatable, Sendable {
    /// What carries the traffic, as `-x` names it.
    enum Carrier: String, CaseIterable, Sendable {
        case tcp
        case udp
        /// UDP that nobody answers.
        case oneWayUDP = "udp-oneway"

        var isUDP: Bool { self != .tcp }
    }

    static let shape = "[onlineIP:]onlinePort[@sourceMAC]-targetIP:targetPort[@nextHopMAC]"

    let carrier: Carrier
    /// Nil for every address of the capture interface.
    let onlineAddress: IPAddress?
    let onlinePort: UInt16
    /// The Ethernet source of injected frames; nil for the output interface's own.
    let sourceMAC: MACAddress?
    let target: Endpoint
    /// The Ethernet destination of injected frames; nil to look it up.
    let nextHopMAC: MACAddress?

    /// Reads one rule, and refuses each way in which it can be wrong by its own name.
    ///
    /// - Parameter carrier: of a rule that names none.
    init(_ text: some StringProtocol, carrier: Carrier = .tcp) throws(Refusal) {
        let text = String(text)
        let named = try Self.carrier(text)
        self.carrier = named?.carrier ?? carrier
        let rest = named?.rest ?? text[...]
        guard let dash = rest.indexOutsideBrackets(of: "-") else {
            throw Refusal("-x \(text): \(rest.isEmpty ? "an empty transfer" : "no '-'"); expected \(Self.shape)")
        }
        let online = Side(rest[..<dash])
        let target = Side(rest[rest.index(after: dash)...])
        sourceMAC = try online.stationAddress(text, role: "source")
        (onlineAddress, onlinePort) = try online.endpoint(text, role: "online")
        nextHopMAC = try target.stationAddress(text, role: "next hop")
        let (address, port) = try target.endpoint(text, role: "target")
        guard let address else { throw Refusal("-x \(text): no target address; expected targetIP:targetPort") }
        self.target = Endpoint(address, port)
        try checkAddresses(text)
    }

    /// What stands before the slash, and what behind it; nil without a slash.
    private static func carrier(_ text: String) throws(Refusal) -> (carrier: Carrier, rest: Substring)? {
        guard let slash = text.firstIndex(of: "/") else { return nil }
        guard let carrier = Carrier(rawValue: String(text[..<slash])) else {
            throw Refusal("-x \(text): '\(text[...slash])'; tcp/, udp/ or udp-oneway/ is expected there")
        }
        return (carrier, text[text.index(after: slash)...])
    }

    /// Reads `-x`: rules with commas between them.
    ///
    /// - Parameter carrier: of rules that name none.
    static func list(_ text: String, carrier: Carrier = .tcp) throws(Refusal) -> [TransferRule] {
        var rules: [TransferRule] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let rule = try TransferRule(part, carrier: carrier)
            if let other = rules.first(where: { $0.overlaps(rule) }) {
                throw Refusal(
                    other == rule
                        ? "-x \(part): given twice"
                        : "-x \(part): \(other) already copies that; one target is expected for each online endpoint")
            }
            rules.append(rule)
        }
        return rules
    }

    private func checkAddresses(_ text: String) throws(Refusal) {
        for (role, address) in [("online", onlineAddress), ("target", target.address)] {
            guard let address else { continue }
            if address.isUnspecified || address.isMulticast || address == IPAddress(v4: .max) {
                throw Refusal("-x \(text): \(role) address \(address) names no host; a host's address is expected")
            }
        }
        guard !target.address.isLoopback else {
            throw Refusal("-x \(text): target address \(target.address) is this host; another host is expected")
        }
        guard let onlineAddress else { return }
        guard onlineAddress.isIPv4 == target.address.isIPv4 else {
            let families = onlineAddress.isIPv4 ? ("IPv4", "IPv6") : ("IPv6", "IPv4")
            throw Refusal("-x \(text): online is \(families.0) and target \(families.1); the same family is expected")
        }
        guard Endpoint(onlineAddress, onlinePort) != target else {
            throw Refusal("-x \(text): the target is the online endpoint itself; another host or port is expected")
        }
    }

    /// Whether some packet would have to go to two targets, or twice to one.
    private func overlaps(_ other: TransferRule) -> Bool {
        guard carrier.isUDP == other.carrier.isUDP, onlinePort == other.onlinePort else { return false }
        guard target.address.isIPv4 == other.target.address.isIPv4 else { return false }
        return onlineAddress == nil || other.onlineAddress == nil || onlineAddress == other.onlineAddress
    }
}

extension TransferRule: CustomStringConvertible {
    /// As `-x` takes it; TCP goes without saying.
    var description: String { carrier == .tcp ? ways : "\(carrier.rawValue)/\(ways)" }

    private var ways: String {
        let online = onlineAddress.map { "\(Endpoint($0, onlinePort))" } ?? "\(onlinePort)"
        return online + (sourceMAC.map { "@\($0)" } ?? "") + "-\(target)" + (nextHopMAC.map { "@\($0)" } ?? "")
    }
}

/// What stands on one side of the '-'.
private struct Side {
    let endpoint: Substring
    let stationAddress: Substring?

    init(_ text: Substring) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        endpoint = parts[0]
        stationAddress = parts.count == 2 ? parts[1] : nil
    }

    func stationAddress(_ rule: String, role: String) throws(Refusal) -> MACAddress? {
        guard let stationAddress else { return nil }
        guard let address = MACAddress(String(stationAddress)), !address.isMulticast, address != .zero else {
            throw Refusal(
                "-x \(rule): \(role) MAC '\(stationAddress)'; one host's, like 02:00:5e:10:00:01, is expected")
        }
        return address
    }

    /// The port, and the address where there is one.
    func endpoint(_ rule: String, role: String) throws(Refusal) -> (address: IPAddress?, port: UInt16) {
        let (host, portText) = try split(rule, role: role)
        guard let port = WholeNumber.read(portText).flatMap({ UInt16(exactly: $0) }), port > 0 else {
            let what = portText.isEmpty ? "no \(role) port" : "\(role) port '\(portText)'"
            throw Refusal("-x \(rule): \(what); a number from 1 to 65535 is expected")
        }
        guard let host else { return (nil, port) }
        guard let address = IPAddress(String(host)) else {
            let what = host.isEmpty ? "no \(role) address before ':'" : "\(role) address '\(host)'"
            throw Refusal("-x \(rule): \(what); an IPv4 address, or an IPv6 address in brackets, is expected")
        }
        return (address, port)
    }

    private func split(_ rule: String, role: String) throws(Refusal) -> (host: Substring?, port: Substring) {
        guard endpoint.hasPrefix("[") else {
            guard let colon = endpoint.lastIndex(of: ":") else { return Self.lone(endpoint) }
            let host = endpoint[..<colon]
            guard !host.contains(":") else {
                throw Refusal("-x \(rule): \(role) address '\(endpoint)'; an IPv6 address is expected in brackets")
            }
            return (host, endpoint[endpoint.index(after: colon)...])
        }
        guard let close = endpoint.firstIndex(of: "]") else {
            throw Refusal("-x \(rule): \(role) address '\(endpoint)': ']' is expected after the IPv6 address")
        }
        let rest = endpoint[endpoint.index(after: close)...]
        guard rest.isEmpty || rest.hasPrefix(":") else {
            throw Refusal("-x \(rule): '\(rest)' after the \(role) address; ':' and a port are expected")
        }
        return (endpoint[endpoint.index(after: endpoint.startIndex)..<close], rest.dropFirst())
    }

    /// Without a colon it is a port, unless it can only be an address.
    private static func lone(_ text: Substring) -> (host: Substring?, port: Substring) {
        text.contains(".") ? (text, "") : (nil, text)
    }
}

extension Substring {
    fileprivate func indexOutsideBrackets(of character: Character) -> Index? {
        var isInside = false
        return indices.first { index in
            switch self[index] {
            case "[": isInside = true
            case "]": isInside = false
            default: break
            }
            return !isInside && self[index] == character
        }
    }
}
