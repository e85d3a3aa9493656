/// What became of the packets given to an injector.
public struct InjectionStatistics: Equatable, Sendable {
    /// Packets that the kernel took.
    public internal(set) var packets = 0
    /// Their bytes, with the link-layer header where the injector writes one.
    public internal(set) var bytes = 0
    /// Times that a packet had to wait because the kernel's queue was full.
    public internal(set) var retries = 0
    /// Packets that the kernel refused for good, by errno: EMSGSIZE for one larger than the MTU, EHOSTUNREACH for one whose
    /// next hop is not known.
    public private(set) var refused: [Int32: Int] = [:]

    public init() {}

    /// The same with errno's names as keys: `EPERM`.
    public var refusedByName: [String: Int] {
        Dictionary(refused.map { (SystemCall.name(of: $0), $1) }, uniquingKeysWith: +)
    }

    mutating func refuse(_ code: Int32) { refused[code, default: 0] += 1 }
}
