import Wire

extension Interface {
    /// The interface that the kernel would send a packet to `target` from.
    ///
    /// - Throws: no route.
    public static func towards(_ target: IPAddress) throws(SystemRefusal) -> Interface {
        var socket = try NetlinkSocket()
        let route = try Route(to: target, interfaceIndex: nil, &socket)
        guard let interface = try Interfaces(&socket)[index: route.interfaceIndex] else {
            throw SystemRefusal("use", "interface \(route.interfaceIndex)", reason: "it has gone")
        }
        return interface
    }
}
