import Wire

/// An interface of this host, as far as the options need to know it.
struct HostInterface: Equatable, Sendable {
    let name: String
    let addresses: [IPAddress]
}
