/// Which of the files that are played has the record that comes next.
enum NextFile: Equatable {
    /// This one, with those of its records that follow and are earlier than another file's next.
    case file(Int, until: Int64)
    /// Not known before a file has been read on.
    case unread
    /// All files have ended.
    case end

    /// - Parameter nexts: what is next in each file. Of two at the same time the first comes first.
    init(_ nexts: some Sequence<FileSource.Next>) {
        var earliest: Int?
        var (first, second) = (Int64.max, Int64.max)
        for (index, next) in nexts.enumerated() {
            switch next {
            case .unread:
                self = .unread
                return
            case .end: break
            case .record(let timestamp) where earliest == nil || timestamp < first:
                (earliest, first, second) = (index, timestamp, first)
            case .record(let timestamp): second = min(second, timestamp)
            }
        }
        self = earliest.map { .file($0, until: second) } ?? .end
    }
}
