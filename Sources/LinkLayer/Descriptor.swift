import CLinux
import CPcap  // Where the compiler may find the kinds of socket.
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

    /// Opens a file for reading. A pipe that nobody writes to yet is not waited for.
    init(file path: String) throws(SystemRefusal) {
        number = Int32(
            try SystemCall.require("read", path) { unsafe Int(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) })
    }

    /// Opens a file for writing; one that is not there is created, for its owner only. A pipe that nobody reads is refused.
    init(creating path: String) throws(SystemRefusal) {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK
        number = Int32(
            try SystemCall.require("write", path) { unsafe Int(open(path, flags, S_IRUSR | S_IWUSR)) })
    }

    /// A descriptor of its own for what another one stands for.
    init(duplicating descriptor: Int32, subject: String) throws(SystemRefusal) {
        number = Int32(try SystemCall.require("read", subject) { Int(fcntl(descriptor, F_DUPFD_CLOEXEC, 0)) })
    }

    /// An epoll descriptor that watches another one: see `clinux_watch`.
    init(watching descriptor: Int32, subject: String) throws(SystemRefusal) {
        number = Int32(try SystemCall.require("wait for", subject) { Int(clinux_watch(descriptor)) })
    }

    /// None: stands where a descriptor could not be had.
    init() { number = -1 }

    deinit { if number >= 0 { close(number) } }

    var isOpen: Bool { number >= 0 }

    /// Sets a numeric socket option; false when the kernel does not want it.
    @discardableResult
    func setOption(_ level: Int32, _ option: Int32, _ value: Int32) -> Bool {
        Self.setOption(level, option, value, of: number)
    }

    /// The same for a descriptor that a library owns.
    @discardableResult
    static func setOption(_ level: Int32, _ option: Int32, _ value: Int32, of descriptor: Int32) -> Bool {
        var value = value
        return unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
    }

    /// A numeric socket option of a descriptor that a library owns; nil where the kernel does not tell.
    static func option(_ level: Int32, _ option: Int32, of descriptor: Int32) -> Int32? {
        var (value, length): (Int32, socklen_t) = (0, socklen_t(MemoryLayout<Int32>.size))
        return unsafe getsockopt(descriptor, level, option, &value, &length) == 0 ? value : nil
    }
}

extension Descriptor {
    /// bind(2) to an address of any family: `sockaddr_ll`, `sockaddr_nl`.
    static func bind<Address>(_ descriptor: Int32, to address: inout Address) -> Int {
        unsafe withSocketAddress(&address) { unsafe Int(Glibc.bind(descriptor, $0, $1)) }
    }

    func bind<Address>(to address: inout Address) -> Int { Self.bind(number, to: &address) }

    /// sendto(2) of an empty datagram.
    func sendNothing<Address>(to address: inout Address) -> Int {
        unsafe Self.withSocketAddress(&address) { unsafe sendto(number, nil, 0, Int32(MSG_DONTWAIT), $0, $1) }
    }

    private static func withSocketAddress<Address>(
        _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int
    ) -> Int {
        unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe body(address, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
