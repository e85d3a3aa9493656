import Wire

/// Where recorded frames were captured.
struct RecordedInterface: Equatable, Sendable {
    let name: String
    let linkType: LinkType
    /// Bytes kept of each frame.
    let snapshotLength: Int
}
