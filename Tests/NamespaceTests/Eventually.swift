/// A wait that ended without what it waited for; the description says what that was.
struct NeverHappened: Error, CustomStringConvertible {
    let description: String
}

/// Returns as soon as `condition` holds, and throws once `limit` has passed without it.
func eventually(
    _ event: @autoclosure () -> String, within limit: Duration = .seconds(30), _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while try await !condition() {
        guard clock.now < deadline else { throw NeverHappened(description: "within \(limit): \(event())") }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// Returns once `reading` has kept one value for `quiet`, and throws if it never does within `limit`.
///
/// The relay is kept alive by a message a second, so that a longer quiet might never come.
func settled<Reading: Equatable>(
    _ subject: String, for quiet: Duration = .milliseconds(300), within limit: Duration = .seconds(30),
    _ reading: () throws -> Reading
) async throws {
    let clock = ContinuousClock()
    var last = try reading()
    var since = clock.now
    try await eventually("\(subject) comes to rest", within: limit) {
        let now = try reading()
        if now != last { (last, since) = (now, clock.now) }
        return clock.now - since >= quiet
    }
}
