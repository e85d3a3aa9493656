import CLinux
import Glibc
import Wire

/// A conversation with the kernel about routes, neighbours and links.
struct NetlinkSocket: ~Copyable {
    private let socket: Descriptor
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    var descriptor: Int32 { socket.number }

    /// - Parameter groups: the RTNLGRP_ numbers of the changes to be told of.
    init(groups: [Int] = []) throws(SystemRefusal) {
        let socket = try Descriptor(socket: AF_NETLINK, Descriptor.raw, NETLINK_ROUTE, subject: "the routing tables")
        // A socket without a port number is told of no change.
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        try SystemCall.require("follow", "the routing tables") { socket.bind(to: &address) }
        for group in groups {
            guard socket.setOption(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, Int32(group)) else {
                throw SystemRefusal("follow", "the routing tables", reason: "group \(group) is not known to the kernel")
            }
        }
        self.socket = socket
    }

    /// Asks, and lends each message of the answer.
    ///
    /// - Throws: the errno with which the kernel answered.
    mutating func ask(
        _ request: NetlinkRequest, _ operation: String, _ subject: String, _ body: (borrowing NetlinkMessage) -> Void
    ) throws(SystemRefusal) {
        let bytes = request.bytes.rawSpan
        try SystemCall.require(operation, subject) {
            unsafe bytes.withUnsafeBytes { unsafe send(socket.number, $0.baseAddress, $0.count, 0) }
        }
        while true {
            let length = try SystemCall.require(operation, subject) { receive() }
            switch Self.read(buffer.rawSpan.extracting(first: length), body) {
            case .more: continue
            case .end: return
            case .refused(let code): throw SystemRefusal(operation, subject, code: code)
            }
        }
    }

    /// Lends the messages that wait; false when the kernel had to drop some, so that everything must be looked up anew.
    mutating func handleReadable(_ body: (borrowing NetlinkMessage) -> Void) -> Bool {
        while true {
            switch SystemCall.perform({ receive() }) {
            case .done(let length): _ = Self.read(buffer.rawSpan.extracting(first: length), body)
            case .busy(let code): return code != ENOBUFS
            case .refused: return true
            }
        }
    }

    /// Never waits: the kernel answers within the call that asks.
    private mutating func receive() -> Int {
        let number = socket.number
        return unsafe buffer.withUnsafeMutableBytes {
            unsafe recv(number, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
    }

    private enum Progress {
        case more
        case end
        case refused(Int32)
    }

    /// Lends the messages of one datagram, and says whether the answer ends with it.
    private static func read(_ datagram: RawSpan, _ body: (borrowing NetlinkMessage) -> Void) -> Progress {
        var offset = 0
        var progress = Progress.more
        while offset + NetlinkMessage.headerLength <= datagram.byteCount {
            let length = Int(datagram.native32(at: offset))
            guard length >= NetlinkMessage.headerLength, offset + length <= datagram.byteCount else { break }
            let content = datagram.extracting(offset + NetlinkMessage.headerLength..<offset + length)
            switch Int32(datagram.native16(at: offset + 4)) {
            case NLMSG_DONE: progress = .end
            case NLMSG_ERROR:
                guard content.byteCount >= 4 else { break }
                let code = -Int32(bitPattern: content.native32(at: 0))
                progress = code == 0 ? .end : .refused(code)
            case let type: body(NetlinkMessage(type: Int(type), body: content))
            }
            offset += (length + 3) & ~3
        }
        return progress
    }
}
