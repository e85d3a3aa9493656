import NIOCore
import Wire

/// Every message starts with a head of four bytes: the length of the whole in 16 bits, the kind, and one byte of detail
/// (TCP flags in a header, the reason in a farewell, milliseconds of patience, else 0).
extension RelayMessage {
    static let headByteCount = 4

    /// Appends the message to `buffer`. A list of flows longer than one message may hold goes out as several.
    func write(to buffer: inout ByteBuffer) {
        switch self {
        case .header(let header): header.writeRelayed(to: &buffer)
        case .answer(let answer): answer.writeRelayed(to: &buffer)
        case .subscribe(let subscription):
            writeHead(length: subscription.relayedByteCount, to: &buffer)
            subscription.writeRelayed(to: &buffer)
        case .accepted(let round), .announcementRequired(let round), .announced(let round):
            writeHead(length: 4, to: &buffer)
            buffer.writeInteger(round)
        case .announce(let flows), .release(let flows), .granted(let flows), .refused(let flows):
            writeFlows(flows, to: &buffer)
        case .announcementOver, .alive: writeHead(length: 0, to: &buffer)
        case .patience(let milliseconds): writeHead(length: 0, detail: milliseconds, to: &buffer)
        case .goodbye(let farewell): writeHead(length: 0, detail: farewell.rawValue, to: &buffer)
        }
    }

    private func writeHead(length: Int, detail: UInt8 = 0, to buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt16(Self.headByteCount + length))
        buffer.writeInteger(kind.rawValue)
        buffer.writeInteger(detail)
    }

    private func writeFlows(_ flows: [Flow], to buffer: inout ByteBuffer) {
        var rest = flows[...]
        while !rest.isEmpty {
            let some = rest.prefix(RelayProtocol.flowsPerMessage)
            writeHead(length: some.count * Flow.relayedByteCount, to: &buffer)
            for flow in some { flow.writeRelayed(to: &buffer) }
            rest = rest.dropFirst(some.count)
        }
    }
}
