import Testing

@testable import OperatorInterface

@Test(arguments: [
    (0, "1970-01-01 00:00:00.000"),
    (-1, "1969-12-31 23:59:59.999"),
    (951_782_400_000, "2000-02-29 00:00:00.000"),
    (951_868_799_999, "2000-02-29 23:59:59.999"),
    (1_767_323_045_678, "2026-01-02 03:04:05.678"),
    (4_107_542_399_000, "2100-02-28 23:59:59.000"),
    (4_107_542_400_000, "2100-03-01 00:00:00.000"),
])
func `milliseconds since 1970 become a date and a time`(milliseconds: Int64, text: String) {
    #expect(WallClock.text(milliseconds: milliseconds) == text)
}
