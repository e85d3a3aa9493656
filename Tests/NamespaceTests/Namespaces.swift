import Testing

/// The whole system between real kernels and real servers, one laboratory at a time: two cores carry no more.
///
/// Each suite beneath makes its hosts with `scripts/lab`, needs root, and fails without it. `TCPCOPY_BIN_DIR` names the
/// folder that holds the programs; the debug build is taken where it is not set.
@Suite(.serialized) enum Namespaces {}
