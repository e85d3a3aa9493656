import OperatorInterface
import Wire

/// `-D from-to`: what was captured on its way to one address is relayed as if it went to another.
struct AddressRewrite: Equatable, Sendable {
    let from: IPAddress
    let to: IPAddress

    init(from: IPAddress, to: IPAddress) {
        self.from = from
        self.to = to
    }

    /// Reads `10.0.0.1-172.17.0.2`.
    init(_ text: String) throws {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { IPAddress(String($0)) }
        guard parts.count == 2, let from = parts[0], let to = parts[1] else {
            throw Refusal("two addresses with '-' between them are expected")
        }
        guard from.isIPv4 == to.isIPv4 else { throw Refusal("two addresses of one family are expected") }
        self.init(from: from, to: to)
    }

    func callAsFunction(_ header: SegmentHeader) -> SegmentHeader {
        guard header.flow.destinationAddress == from else { return header }
        var rewritten = header
        rewritten.flow.destinationAddress = to
        return rewritten
    }

    func callAsFunction(_ header: DatagramHeader) -> DatagramHeader {
        guard header.flow.destinationAddress == from else { return header }
        var rewritten = header
        rewritten.flow.destinationAddress = to
        return rewritten
    }
}
