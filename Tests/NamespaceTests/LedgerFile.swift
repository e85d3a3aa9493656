import Foundation

/// The ledger as tcpcopy writes it with `--ledger`, in the part that scenarios look at.
struct LedgerFile: Decodable {
    struct Account: Decodable, Equatable {
        var captured: Int
        var notSelected: Int
        var selected: Int
        var replayed: Int
        var answered: Int
        var silent: Int
        var inFlight: Int
        var failed: [String: Int]
        var shed: [String: Int]

        /// What was replayed and did not come to its end.
        var lost: Int { failed.values.reduce(0, +) + shed.values.reduce(0, +) }

        /// The ledger's promise, recomputed here from the printed figures.
        var balances: Bool {
            captured == selected + notSelected
                && replayed == answered + silent + inFlight + lost
        }
    }

    struct Capture: Decodable {
        var frames: Int
        var kernelDrops: Int
        var joinedFragments: Int
    }

    struct Recording: Decodable {
        var frames: Int
        var files: Int
        var dropped: Int
    }

    struct Relay: Decodable {
        var headers: Int
        var bytes: Int
        var reconnections: Int
    }

    struct Shard: Decodable {
        var exchanges: Int
        var packets: Int
    }

    var final: Bool
    var balances: Bool
    var exchanges: Account
    var sessions: Account
    var retransmissions: Int
    var reopenings: Int
    var capture: Capture
    var recording: Recording?
    var relay: Relay
    var shards: [Shard]

    init(path: String) throws {
        self = try JSONDecoder().decode(LedgerFile.self, from: Data(contentsOf: URL(filePath: path)))
    }
}
