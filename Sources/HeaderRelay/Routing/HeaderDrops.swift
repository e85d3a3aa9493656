/// How many headers were not relayed, by reason.
public struct HeaderDrops: Sendable {
    private var counts = InlineArray<5, Int>(repeating: 0)

    public init() {}

    public private(set) subscript(_ reason: HeaderDrop) -> Int {
        get { counts[reason.rawValue] }
        set { counts[reason.rawValue] = newValue }
    }

    public var total: Int { HeaderDrop.allCases.reduce(0) { $0 + self[$1] } }

    mutating func count(_ reason: HeaderDrop) { self[reason] += 1 }

    static func += (sum: inout HeaderDrops, other: HeaderDrops) {
        for reason in HeaderDrop.allCases { sum[reason] += other[reason] }
    }
}

extension HeaderDrops: CustomStringConvertible {
    /// `2 unasked, 1 slowSubscriber`; `none` when nothing was dropped.
    public var description: String {
        let parts = HeaderDrop.allCases.filter { self[$0] > 0 }.map { "\(self[$0]) \($0)" }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }
}
