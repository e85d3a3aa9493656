import Testing

/// All tests that need networks of their own. One after another: they look at this process's sockets.
@Suite(.serialized, .enabled(if: NetworkNamespace.areAllowed, "needs root, for network namespaces"))
enum InNetworks {}
