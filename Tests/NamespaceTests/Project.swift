import Foundation

/// Where the project's scripts and programs lie.
enum Project {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static func script(_ name: String) -> String { root + "/scripts/" + name }

    static func program(_ name: String) -> String {
        (ProcessInfo.processInfo.environment["TCPCOPY_BIN_DIR"] ?? root + "/.build/debug") + "/" + name
    }
}
