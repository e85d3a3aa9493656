import CLinux
import Glibc
import Testing
import Wire

extension Cable {
    /// Sends bytes as they are out of `near`, like a foreign station would.
    func send(_ frames: [[UInt8]]) {
        network.inside {
            let socket = Glibc.socket(AF_PACKET, 3, 0)
            defer { close(socket) }
            var address = sockaddr_ll()
            address.sll_family = UInt16(AF_PACKET)
            address.sll_ifindex = Int32(unsafe if_nametoindex(Cable.near))
            let sent = unsafe withUnsafePointer(to: &address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    frames.allSatisfy { frame in
                        let length = socklen_t(MemoryLayout<sockaddr_ll>.size)
                        return unsafe sendto(socket, frame, frame.count, 0, address, length) == frame.count
                    }
                }
            }
            #expect(sent, "frames of the test are sent")
        }
    }

    /// A segment for port 8080 as a frame, with VLAN tags of these identifiers from the outermost on.
    static func frame(from port: UInt16 = 40_000, payload: [UInt8] = [1, 2, 3], tags: [UInt16] = []) -> [UInt8] {
        var batch = PacketBatch()
        let flow = Flow(
            from: Endpoint(IPAddress("10.1.0.9")!, port), to: Endpoint(IPAddress("10.1.0.2")!, 8080))
        batch.begin(SegmentHeader(flow: flow, sequence: SequenceNumber(1), flags: .syn, window: 1), target: 0)
        batch.append(payload.rawSpan)
        batch.end()
        let frame = batch.ethernetFrame(0, from: nearMAC, to: farMAC)
        let bytes = unsafe frame.withUnsafeBytes { unsafe Array($0) }
        let types: [[UInt8]] = [[0x81, 0x00], [0x88, 0xa8]]
        let tagBytes = tags.enumerated().flatMap { index, tag in
            types[tags.count - 1 - index] + [UInt8(tag >> 8), UInt8(truncatingIfNeeded: tag)]
        }
        return bytes[..<12] + tagBytes + bytes[12...]
    }
}
