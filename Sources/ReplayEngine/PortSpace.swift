import Wire

/// The client ports that this engine may rewrite to: those of its slice, and of its host's part (`-f`).
struct PortSpace {
    /// What `-f` divides the ports into; host 0 uses all of them.
    static let parts: UInt16 = 16
    private static let first: UInt16 = 1024

    let ports: [UInt16]

    init(slice: Slice, part: UInt16) {
        let size = (UInt16.max - Self.first) / Self.parts + 1
        ports = (Self.first...UInt16.max).filter { port in
            slice.contains(port: port) && (part == 0 || (port - Self.first) / size == part % Self.parts)
        }
    }
}
