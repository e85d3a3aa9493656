import ArgumentParser
import FoundationEssentials
import ReplayEngine
import Testing

@testable import tcpcopy

/// A page of docs/.
private func page(_ name: String) throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return try String(contentsOf: root.appending(path: "docs/\(name)"), encoding: .utf8)
}

@Test func `the page about the ledger explains every reason by both its names`() throws {
    let page = try page("ledger.md")
    for reason in FailureReason.allCases { #expect(page.contains("\n| \(reason.words) | `\(reason)` |")) }
    for reason in ShedReason.allCases { #expect(page.contains("\n| \(reason.words) | `\(reason)` |")) }
}

@Test func `the page about tcpcopy names every option that help shows`() throws {
    let page = try page("tcpcopy.md")
    let options = TcpcopyCommand.helpMessage(columns: 200).matches(of: /\n  (-[a-zA-Z]|--[a-z-]+)[, ]/).map(\.1)
    #expect(options.count > 40)
    for option in options { #expect(page.contains("`\(option)"), "\(option) is missing") }
}
