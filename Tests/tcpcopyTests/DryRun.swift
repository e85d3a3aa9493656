import Foundation
import Testing

/// The built program, playing files to its built-in target.
struct DryRun {
    private let folder: URL

    /// The part of the ledger that tests look at.
    struct Ledger: Decodable {
        struct Account: Decodable {
            var captured: Int
            var answered: Int
            var failed: [String: Int]
        }
        struct Capture: Decodable {
            var frames: Int
            var joinedFragments: Int
            var ignored: [String: Int]
        }

        var balances: Bool
        var exchanges: Account
        var sessions: Account
        var capture: Capture
    }

    init() throws {
        folder = URL.temporaryDirectory.appending(path: "tcpcopy-dry-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// The ledger of a file that is played.
    func ledger(of bytes: [UInt8], options: [String] = ["-a", "max"]) throws -> Ledger {
        let (file, ledger) = (folder.appending(path: "file"), folder.appending(path: "ledger.json"))
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "tcpcopy")
        process.arguments =
            ["-x", "80-10.9.9.9:8080", "--dry-run", "--offline", file.path, "--ledger", ledger.path] + options
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return try JSONDecoder().decode(Ledger.self, from: Data(contentsOf: ledger))
    }
}
