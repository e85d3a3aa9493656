import ReplayEngine
import Wire

// Packets that the kernel's steering can't deal, which the first shard gets
extension Shard {
    /// Leaves a segment to the shard that it belongs to, which has it too, unless extension headers hid its ports.
    ///
    /// - Returns: whether no other shard has it.
    func passOn(_ frame: RawSpan, linkType: LinkType, wireLength: Int, capturedAt: Instant) -> Bool {
        guard slice.index == 0, let link = try? LinkFrame(frame, linkType: linkType),
            let packet = try? IPPacket(link.packet, wireLength: wireLength - link.headerLength),
            !packet.source.isIPv4, packet.headerLength > 40
        else {
            capturing.otherShard += 1
            return false
        }
        takeWhole(link.packet, wireLength: wireLength - link.headerLength, capturedAt: capturedAt)
        return true
    }

    /// Only the first fragment of a datagram tells its ports, so the kernel's steering can't deal them: the first shard gets all of them,
    /// and hands on what is another's once it is whole.
    func takeFragment(_ frame: RawSpan, linkType: LinkType, wireLength: Int, stamp: Int64, capturedAt: Instant) {
        guard slice.index == 0 else { return capturing.otherShard += 1 }
        do throws(WireError) {
            let link = try LinkFrame(frame, linkType: linkType)
            let length = wireLength - link.headerLength
            guard try fragments.take(link.packet, wireLength: length, now: stamp) else { return }
            fragments.lendWhole { packet, length in takeWhole(packet, wireLength: length, capturedAt: capturedAt) }
        } catch {
            capturing.count(error)
        }
    }

    private func takeWhole(_ packet: RawSpan, wireLength: Int, capturedAt: Instant) {
        do throws(WireError) {
            let owner = owner(of: try take(IPPacket(packet, wireLength: wireLength), capturedAt: capturedAt))
            guard owner == slice.index else {
                onFirstHandOver?()
                onFirstHandOver = nil
                return handOver(owner, WholePacket(packet, wireLength: wireLength, capturedAt: capturedAt))
            }
        } catch {
            capturing.count(error)
        }
    }

    /// Packets will come from another shard. On a busy machine that shard's turn may be long after this one's: what is missing
    /// in a session may be on its way.
    func expectHandedOver() { replayer.expectCaptureSkew(.seconds(1)) }

    /// Takes a packet that another shard has put together.
    func takeHandedOver(_ whole: WholePacket) {
        beginCapture()
        do throws(WireError) {
            let packet = try IPPacket(whole.bytes.rawSpan, wireLength: whole.wireLength)
            _ = try take(packet, capturedAt: whole.capturedAt)
        } catch {
            capturing.count(error)
        }
        flush()
    }
}

/// A packet on its way from one shard to another.
struct WholePacket: Sendable {
    /// From the IP header on.
    let bytes: [UInt8]
    let wireLength: Int
    let capturedAt: Instant

    init(_ packet: RawSpan, wireLength: Int, capturedAt: Instant) {
        bytes = Array(copying: packet)
        self.wireLength = wireLength
        self.capturedAt = capturedAt
    }
}
