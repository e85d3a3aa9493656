import LinkLayer
import OperatorInterface
import Wire

/// What intercept was asked to do, checked as far as it can be before anything is opened.
struct Configuration: Equatable, Sendable {
    /// Interfaces to listen to, or `any` alone.
    var interfaces: [String]
    /// Nil to derive it from what tcpcopy asks for; it compiles.
    var filter: String?
    /// MiB of kernel ring for each capture socket.
    var bufferMebibytes = 64
    /// Event loops, each with a capture socket on every interface.
    var shards = 1
    var rewrite: AddressRewrite?
    var allowsForwarding = false
    /// The address to listen on for tcpcopy; nil for all.
    var address: IPAddress?
    var port: UInt16 = 36_524
}

extension Options {
    /// Checks each option, `-i` against the names of this host's interfaces.
    func configuration(on host: [String]) throws(Refusal) -> Configuration {
        return Configuration(
            interfaces: try interfaces(on: host), filter: try filter(), bufferMebibytes: capture.bufferMebibytes,
            shards: capture.shards, rewrite: capture.rewrite, allowsForwarding: capture.allowForwarding,
            address: relay.address, port: UInt16(relay.port))
    }

    private func interfaces(on host: [String]) throws(Refusal) -> [String] {
        guard let text = capture.interfaces else {
            throw Refusal("-i is missing; expected -i with the interface where the target's answers arrive")
        }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let any = CaptureConfiguration.anyInterface
        guard names.count == 1 || !names.contains(any) else {
            throw Refusal("-i \(text): 'any' already means all; expected alone")
        }
        for (index, name) in names.enumerated() where name != any {
            guard host.contains(name) else {
                let known = host.joined(separator: ", ")
                throw Refusal("-i \(text): no such interface: '\(name)'; one of \(known) is expected")
            }
            guard !names[..<index].contains(name) else { throw Refusal("-i \(text): \(name) is given twice") }
        }
        return names
    }

    private func filter() throws(Refusal) -> String? {
        guard let filter = capture.filter else { return nil }
        do {
            try FilterCheck.compile(filter)
        } catch {
            throw Refusal("-F '\(filter)': \(error.reason); a pcap filter is expected")
        }
        return filter
    }
}
