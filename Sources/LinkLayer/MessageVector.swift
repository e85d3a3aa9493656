import CLinux
import Glibc

/// Packets for one `sendmmsg`: headers, vectors and addresses allocated once and used again.
@safe struct MessageVector<Address>: ~Copyable {
    static var capacity: Int { 64 }

    private let messages: UnsafeMutablePointer<clinux_message>
    private let vectors: UnsafeMutablePointer<iovec>
    private let addresses: UnsafeMutablePointer<Address>
    private(set) var count = 0

    /// - Parameter address: what each packet's destination starts as.
    init(address: Address) {
        unsafe messages = .allocate(capacity: Self.capacity)
        unsafe vectors = .allocate(capacity: Self.capacity)
        unsafe addresses = .allocate(capacity: Self.capacity)
        unsafe vectors.initialize(repeating: iovec(), count: Self.capacity)
        unsafe addresses.initialize(repeating: address, count: Self.capacity)
        for index in 0..<Self.capacity {
            var message = unsafe clinux_message()
            unsafe message.header.msg_iov = vectors + index
            unsafe message.header.msg_iovlen = 1
            unsafe message.header.msg_name = UnsafeMutableRawPointer(addresses + index)
            unsafe message.header.msg_namelen = socklen_t(MemoryLayout<Address>.size)
            unsafe (messages + index).initialize(to: message)
        }
    }

    deinit {
        unsafe messages.deallocate()
        unsafe vectors.deallocate()
        unsafe addresses.deallocate()
    }

    var isFull: Bool { count == Self.capacity }

    /// Adds a packet, whose bytes must stay where they are until `flush`, and lets `address` say where it goes.
    mutating func append(_ packet: RawSpan, address: (inout Address) -> Void) {
        precondition(!isFull, "a full vector is flushed before another packet is added")
        let start = unsafe packet.withUnsafeBytes { $0.baseAddress }
        unsafe vectors[count] = iovec(iov_base: UnsafeMutableRawPointer(mutating: start), iov_len: packet.byteCount)
        unsafe address(&addresses[count])
        count += 1
    }

    /// Sends all packets and counts what became of each; the vector is empty afterwards.
    mutating func flush(to descriptor: Int32, patience: inout Patience, statistics: inout InjectionStatistics) {
        var next = 0
        while next < count {
            switch SystemCall.perform({
                unsafe Int(clinux_sendmmsg(descriptor, messages + next, UInt32(count - next), Int32(MSG_DONTWAIT)))
            }) {
            case .done(let sent):
                for index in next..<next + sent { unsafe statistics.bytes += vectors[index].iov_len }
                statistics.packets += sent
                next += sent
            case .busy(let code):
                if patience.wait(after: code, on: descriptor) {
                    statistics.retries += 1
                } else {
                    statistics.refuse(code)
                    next += 1
                }
            case .refused(let code):
                statistics.refuse(code)
                next += 1
            }
        }
        count = 0
    }
}
