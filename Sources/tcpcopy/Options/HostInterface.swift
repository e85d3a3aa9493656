import LinkLayer
import Wire

/// An interface of this host, as far as the options need to know it.
struct HostInterface: Equatable, Sendable {
    let name: String
    let addresses: [IPAddress]
    var isLoopback = false
    var isVRF = false

    /// Whether packets to `address` arrive here. A service's address on the loopback interface, as behind a balancer,
    /// says nothing about where they do.
    func receives(_ address: IPAddress) -> Bool {
        addresses.contains(address) && (!isLoopback || address.isLoopback)
    }
}

extension HostInterface {
    init(_ interface: Interface) {
        self.init(
            name: interface.name, addresses: interface.addresses, isLoopback: interface.isLoopback,
            isVRF: interface.isVRF)
    }
}
