import ArgumentParser
import FoundationEssentials
import HeaderRelay
import Testing

@testable import intercept

private func manual() throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return try String(contentsOf: root.appending(path: "docs/intercept.md"), encoding: .utf8)
}

@Test func `the manual names every option that help shows`() throws {
    let page = try manual()
    let options = InterceptCommand.helpMessage(columns: 200).matches(of: /\n  (-[a-zA-Z]|--[a-z-]+)[, ]/).map(\.1)
    #expect(options.count > 14)
    for option in options { #expect(page.contains("`\(option)"), "\(option) is missing") }
}

@Test func `the manual explains every reason why a header is not relayed`() throws {
    let page = try manual()
    for reason in HeaderDrop.allCases { #expect(page.contains("\n| `\(reason)` |"), "\(reason) is missing") }
}
