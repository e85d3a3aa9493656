import Testing

@testable import tcpcopy

struct NextFileTests {
    @Test(
        arguments: [
            ([], .end), ([.end, .end], .end), ([.record(timestamp: 5)], .file(0, until: .max)),
            ([.end, .record(timestamp: 5)], .file(1, until: .max)),
            ([.record(timestamp: 5), .record(timestamp: 7), .record(timestamp: 6)], .file(0, until: 6)),
            ([.record(timestamp: 7), .record(timestamp: 5), .record(timestamp: 6)], .file(1, until: 6)),
            ([.record(timestamp: 7), .record(timestamp: 6), .record(timestamp: 5)], .file(2, until: 6)),
            ([.record(timestamp: 5), .record(timestamp: 5)], .file(0, until: 5)),
            ([.record(timestamp: .max)], .file(0, until: .max)),
            ([.record(timestamp: .max), .record(timestamp: .min)], .file(1, until: .max)),
            ([.record(timestamp: .min), .record(timestamp: .min)], .file(0, until: .min)),
            ([.record(timestamp: 5), .unread], .unread), ([.unread, .end], .unread),
        ] as [([FileSource.Next], NextFile)])
    func `the earliest record comes next, with those after it that no other file's comes before`(
        nexts: [FileSource.Next], expected: NextFile
    ) {
        #expect(NextFile(nexts) == expected)
    }
}
