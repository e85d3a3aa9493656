import NIOCore
import Wire

/// A subscription on the wire, after the message's head:
///
/// ```
///  0 instance 128   16 slice index 16   18 slice count 16   20 capabilities 32 (none yet: 0)
/// 24 number of targets 16   26 number of client prefixes 16
/// 28 targets: address 128, port 16 each; then client prefixes: address 128, length 8 each
/// ```
extension RelaySubscription {
    private static let fixedByteCount = 28
    private static let targetByteCount = 18
    private static let clientByteCount = 17

    var relayedByteCount: Int {
        Self.fixedByteCount + targets.count * Self.targetByteCount + clients.count * Self.clientByteCount
    }

    func writeRelayed(to buffer: inout ByteBuffer) {
        buffer.writeInteger(instance.high)
        buffer.writeInteger(instance.low)
        buffer.writeInteger(slice.index)
        buffer.writeInteger(slice.count)
        buffer.writeInteger(0 as UInt32)
        buffer.writeInteger(UInt16(targets.count))
        buffer.writeInteger(UInt16(clients.count))
        for target in targets {
            buffer.writeAddress(target.address)
            buffer.writeInteger(target.port)
        }
        for client in clients {
            buffer.writeAddress(client.address)
            buffer.writeInteger(UInt8(client.length))
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
        guard bytes.byteCount == clientsAt + clientCount * Self.clientByteCount else { throw wrongLength }
        let (index, count) = (bytes.bigEndian16(at: 16), bytes.bigEndian16(at: 18))
        guard index < count else { throw .malformed(kind: kind) }
        let targets = (0..<targetCount).map { number in
            let offset = Self.fixedByteCount + number * Self.targetByteCount
            return Endpoint(bytes.address(at: offset), bytes.bigEndian16(at: offset + 16))
        }
        let clients = (0..<clientCount).compactMap { number in
            let offset = clientsAt + number * Self.clientByteCount
            return AddressPrefix(bytes.address(at: offset), length: Int(bytes.byte(at: offset + 16)))
        }
        guard clients.count == clientCount,
            let subscription = RelaySubscription(
                instance: RelayInstance(high: bytes.bigEndian64(at: 0), low: bytes.bigEndian64(at: 8)),
                targets: targets, clients: clients, slice: Slice(index: index, count: count))
        else { throw .malformed(kind: kind) }
        self = subscription
    }
}
