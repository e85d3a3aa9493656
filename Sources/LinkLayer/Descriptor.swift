import Glibc

/// An open file descriptor, closed with the value.
struct Descriptor: ~Copyable {
    let number: Int32

    /// SOCK_RAW, which the kernel's header declares as an enumeration.
    static let raw = Int32(SOCK_RAW.rawValue)

    /// Opens a socket that is closed on exec.
    init(socket family: Int32, _ type: Int32, _ number: Int32, subject: String) throws(SystemRefusal) {
        self.number = Int32(
            try SystemCall.require("open a socket for", subject) {
                Int(socket(family, type | Int32(SOCK_CLOEXEC.rawValue), number))
            })
    }

    /// None: stands where a descriptor could not be had.
    init() { number = -1 }

    deinit { if number >= 0 { close(number) } }

    var isOpen: Bool { number >= 0 }

    /// Sets a numeric socket option; false when the kernel does not want it.
    @discardableResult
    static func setOption(_ level: Int32, _ option: Int32, _ value: Int32, of descriptor: Int32) -> Bool {
        var value = value
        return unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
    }
}
