import NIOCore
import Wire

/// A subscription on the wire, after the message's head:
///
/// ```
///  0 instance 128   16 slice index 16   18 slice count 16   20 capabilities 32
/// 24 number of targets 16   26 number of client prefixes 16
/// 28 targets: address 128, port 16 each; then client prefixes: address 128, length 8 each
///    with capability 1: number of UDP targets 16; UDP targets: address 128, port 16 each
/// ```
/// An intercept that knows no capability 1 refuses such a subscription for its length, and is asked for TCP as ever.
extension RelaySubscription {
    private static let fixedByteCount = 28
    private static let targetByteCount = 18
    private static let clientByteCount = 17
    /// The capability to relay answers of UDP.
    private static let datagrams: UInt32 = 1

    var relayedByteCount: Int {
        Self.fixedByteCount + targets.count * Self.targetByteCount + clients.count * Self.clientByteCount
            + (datagramTargets.isEmpty ? 0 : 2 + datagramTargets.count * Self.targetByteCount)
    }

    func writeRelayed(to buffer: inout ByteBuffer) {
        buffer.writeInteger(instance.high)
        buffer.writeInteger(instance.low)
        buffer.writeInteger(slice.index)
        buffer.writeInteger(slice.count)
        buffer.writeInteger(datagramTargets.isEmpty ? 0 : Self.datagrams)
        buffer.writeInteger(UInt16(targets.count))
        buffer.writeInteger(UInt16(clients.count))
        Self.write(targets, to: &buffer)
        for client in clients {
            buffer.writeAddress(client.address)
            buffer.writeInteger(UInt8(client.length))
        }
        guard !datagramTargets.isEmpty else { return }
        buffer.writeInteger(UInt16(datagramTargets.count))
        Self.write(datagramTargets, to: &buffer)
    }

    private static func write(_ targets: [Endpoint], to buffer: inout ByteBuffer) {
        for target in targets {
            buffer.writeAddress(target.address)
            buffer.writeInteger(target.port)
        }
    }

    private static func targets(_ count: Int, in bytes: RawSpan, at start: Int) -> [Endpoint] {
        (0..<count).map { number in
            let offset = start + number * targetByteCount
            return Endpoint(bytes.address(at: offset), bytes.bigEndian16(at: offset + 16))
        }
    }

    /// Reads a whole message of the kind `subscribe`.
    init(relayed message: RawSpan) throws(RelayFault) {
        let kind = RelayMessage.Kind.subscribe.rawValue
        let wrongLength = RelayFault.badLength(kind: kind, length: message.byteCount)
        let bytes = message.extracting(RelayMessage.headByteCount...)
        guard bytes.byteCount >= Self.fixedByteCount else { throw wrongLength }
        let targetCount = Int(bytes.bigEndian16(at: 24))
        let clientCount = Int(bytes.bigEndian16(at: 26))
        let clientsAt = Self.fixedByteCount + targetCount * Self.targetByteCount
        let clientsEnd = clientsAt + clientCount * Self.clientByteCount
        let namesDatagrams = bytes.bigEndian32(at: 20) & Self.datagrams != 0
        guard bytes.byteCount >= clientsEnd + (namesDatagrams ? 2 : 0) else { throw wrongLength }
        let datagramCount = namesDatagrams ? Int(bytes.bigEndian16(at: clientsEnd)) : 0
        let end = clientsEnd + (namesDatagrams ? 2 + datagramCount * Self.targetByteCount : 0)
        guard bytes.byteCount == end else { throw wrongLength }
        let (index, count) = (bytes.bigEndian16(at: 16), bytes.bigEndian16(at: 18))
        guard index < count else { throw .malformed(kind: kind) }
        let clients = (0..<clientCount).compactMap { number in
            let offset = clientsAt + number * Self.clientByteCount
            return AddressPrefix(bytes.address(at: offset), length: Int(bytes.byte(at: offset + 16)))
        }
        guard clients.count == clientCount,
            let subscription = RelaySubscription(
                instance: RelayInstance(high: bytes.bigEndian64(at: 0), low: bytes.bigEndian64(at: 8)),
                targets: Self.targets(targetCount, in: bytes, at: Self.fixedByteCount),
                datagramTargets: Self.targets(datagramCount, in: bytes, at: clientsEnd + 2), clients: clients,
                slice: Slice(index: index, count: count))
        else { throw .malformed(kind: kind) }
        self = subscription
    }
}
