/// What to listen to, and how.
public struct CaptureConfiguration: Sendable {
    /// When the kernel hands frames over.
    public enum Mode: Sendable {
        /// A block at a time, at the latest after some milliseconds: costs the production service next to nothing.
        case blocks
        /// Each frame at once; the ring has slots of `snapshotLength`, so keep that small.
        case immediate
    }

    /// Which frames, seen from this host.
    public enum Direction: Sendable {
        case both
        /// Only what arrives: own frames, injected ones too, are left out by the kernel before it copies or filters them, so that
        /// what the online service sends does not pay for the capture of what it receives.
        case incoming
        case outgoing
    }

    /// The device that stands for all interfaces.
    public static let anyInterface = "any"

    /// An interface's name, or `any`.
    public var interface: String
    /// A pcap filter; empty for everything.
    public var filter: String
    /// Whether the filter shall hold inside VLAN tags too: `expr or (vlan and (expr or (vlan and expr)))`. On `any` the
    /// kernel takes tags off before the filter sees a frame, so there it changes nothing.
    public var matchesInsideVLANs = false
    /// Bytes kept of each frame.
    public var snapshotLength = 262_144
    /// MiB of kernel ring.
    public var bufferMebibytes = 64
    public var mode = Mode.blocks
    public var direction = Direction.both
    /// Whether frames for other stations are wanted, as a mirror port delivers them.
    public var isPromiscuous = true

    public init(interface: String, filter: String = "") {
        self.interface = interface
        self.filter = filter
    }

    public var isAnyInterface: Bool { interface == Self.anyInterface }

    /// The filter with VLAN tags taken care of. Direction is none of its business: libpcap holds frames that were in the
    /// ring before a change against the new filter itself, and then knows no `inbound`.
    var wholeFilter: String {
        guard matchesInsideVLANs, !isAnyInterface, !filter.allSatisfy(\.isWhitespace) else { return filter }
        return "(\(filter)) or (vlan and ((\(filter)) or (vlan and (\(filter)))))"
    }
}
