import FoundationEssentials

/// A privilege that Linux hands out by itself, with its number in `linux/capability.h`.
public enum Capability: Int, Sendable {
    case netAdmin = 12
    case netRaw = 13

    /// The name that setcap(8) knows.
    var name: String {
        switch self {
        case .netAdmin: "cap_net_admin"
        case .netRaw: "cap_net_raw"
        }
    }

    /// Refuses when this process lacks one of `needed`, with the command that gives it to this program.
    public static func require(_ needed: [Capability]) throws(Refusal) {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return }
        let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        try require(needed, status: status, program: program ?? "PROGRAM")
    }

    /// As above, given the text of /proc/self/status (proc(5): CapEff is a mask in hexadecimal).
    static func require(_ needed: [Capability], status: String, program: String) throws(Refusal) {
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        guard let digits = line?.split(whereSeparator: \.isWhitespace).last, let mask = UInt64(digits, radix: 16) else {
            return
        }
        let missing = needed.filter { mask >> UInt64($0.rawValue) & 1 == 0 }
        guard !missing.isEmpty else { return }
        let names = missing.map { $0.name.uppercased() }.joined(separator: " and ")
        let all = needed.map(\.name).joined(separator: ",")
        throw Refusal("needs \(names): run it as root, or: sudo setcap \(all)+ep \(program)", .noPermission)
    }
}
