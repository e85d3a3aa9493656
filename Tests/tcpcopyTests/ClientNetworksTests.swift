import ArgumentParser
import OperatorInterface
import Testing
import Wire

@testable import tcpcopy

private let host = [
    HostInterface(name: "lo", addresses: ["127.0.0.1", "203.0.113.1"].compactMap(IPAddress.init), isLoopback: true),
    HostInterface(name: "eth0", addresses: ["10.0.0.2", "2001:db8::2"].compactMap(IPAddress.init)),
]

private func networks(_ text: String, rest: String = "") throws -> [String]? {
    let line = "-x 80-10.0.0.3:8080 -s 10.0.0.4,assistant -c \(text) \(rest)"
    let options = try Options.parse(line.split(separator: " ", omittingEmptySubsequences: true).map(String.init))
    return try options.configuration(on: host, processors: 2).clientNetworks?.prefixes.map { "\($0)" }
}

@Test(arguments: [
    ("10.1.0.7", ["10.1.0.7/32"]),
    ("10.1.2.x", ["10.1.2.0/24"]),
    ("10.1.0.0/16", ["10.1.0.0/16"]),
    ("10.1.0.7/32", ["10.1.0.7/32"]),
    ("10.1.0.7,2001:db8:1::/64,2001:DB8::7", ["10.1.0.7/32", "2001:db8:1::/64", "2001:db8::7/128"]),
    ("10.1.0.0/25,10.1.0.128/25", ["10.1.0.0/25", "10.1.0.128/25"]),
])
func `addresses, a network's hosts and networks of either family stand for clients`(
    text: String, prefixes: [String]
) throws {
    #expect(try networks(text) == prefixes)
}

private let shape = "expected an address, a.b.c.x, or a network as 10.1.0.0/16"

@Test(arguments: [
    ("10.1.0", "-c 10.1.0: no address; \(shape)"),
    ("10.1.0.7,", "-c : an empty element; \(shape)"),
    ("client", "-c client: no address; \(shape)"),
    ("10.1.x", "-c 10.1.x: no address; \(shape)"),
    ("10.1.x.x", "-c 10.1.x.x: no address; \(shape)"),
    (".x", "-c .x: no address; \(shape)"),
    ("::x", "-c ::x: no address; \(shape)"),
    ("10.1.0.x/24", "-c 10.1.0.x/24: no address; \(shape)"),
    ("10.1.0.0/33", "-c 10.1.0.0/33: no address; \(shape)"),
    ("10.1.0.0/", "-c 10.1.0.0/: no address; \(shape)"),
    ("2001:db8::/129", "-c 2001:db8::/129: no address; \(shape)"),
    ("10.1.0.1-10.1.0.9", "-c 10.1.0.1-10.1.0.9: no address; \(shape)"),
    ("10.1.0.7/16", "-c 10.1.0.7/16: an address within a network; 10.1.0.0/16 is expected for all of it"),
    ("10.1.0.7,10.1.0.7", "-c 10.1.0.7: given twice"),
    ("10.1.0.7,10.1.0.x", "-c 10.1.0.x: overlaps 10.1.0.7/32; each address is expected once"),
    ("10.1.0.0/16,10.1.9.9", "-c 10.1.9.9: overlaps 10.1.0.0/16; each address is expected once"),
    ("224.0.0.7", "-c 224.0.0.7: in 224.0.0.0/4 there is no host to stand for; hosts' addresses are expected"),
    ("127.0.0.x", "-c 127.0.0.x: in 127.0.0.0/8 there is no host to stand for; hosts' addresses are expected"),
    ("0.0.0.0/0", "-c 0.0.0.0/0: in 0.0.0.0/8 there is no host to stand for; hosts' addresses are expected"),
    (
        "255.255.255.255",
        "-c 255.255.255.255: in 240.0.0.0/4 there is no host to stand for; hosts' addresses are expected"
    ),
    ("::1", "-c ::1: in ::/127 there is no host to stand for; hosts' addresses are expected"),
    ("::/0", "-c ::/0: in ::/127 there is no host to stand for; hosts' addresses are expected"),
    ("fe80::1", "-c fe80::1: in fe80::/10 there is no host to stand for; hosts' addresses are expected"),
    ("ff02::1", "-c ff02::1: in ff00::/8 there is no host to stand for; hosts' addresses are expected"),
    ("10.0.0.3", "-c 10.0.0.3: holds the target's address, 10.0.0.3; addresses of no other host are expected"),
    ("10.0.0.x", "-c 10.0.0.0/24: holds the target's address, 10.0.0.3; addresses of no other host are expected"),
    ("10.0.0.2", "-c 10.0.0.2: holds the online address, 10.0.0.2; addresses of no other host are expected"),
    (
        "10.0.0.4/31",
        "-c 10.0.0.4/31: holds the assistant's address, 10.0.0.4; addresses of no other host are expected"
    ),
    (
        "10.1.0.1,2001:db8::/32",
        "-c 2001:db8::/32: holds this host's address on eth0, 2001:db8::2; addresses of no other host are expected"
    ),
    ("2001:db8:1::/64", "-c: only IPv6 addresses; IPv4 ones too are expected for -x 80-10.0.0.3:8080"),
])
func `a pool that no client could stand for is refused by its own name`(text: String, line: String) {
    #expect(throws: Refusal(line)) { _ = try networks(text) }
}

@Test func `as many networks are taken as intercept can be asked for, and no more`() throws {
    let most = (0..<ClientNetworks.limit).map { "10.1.\($0 / 256).\($0 % 256)" }
    #expect(try ClientNetworks(most.joined(separator: ",")).prefixes.count == ClientNetworks.limit)
    #expect(throws: Refusal("-c: 2049 elements; at most 2048 are expected")) {
        _ = try ClientNetworks((most + ["10.2.0.1"]).joined(separator: ","))
    }
}

@Test func `whatever the text, no address comes twice`() {
    var generator = SystemRandomNumberGenerator()
    let seed = UInt64.random(in: .min ... .max, using: &generator)
    var state = seed
    let pieces = ["10.1.0.", "10.1.1.", "0", "7", "x", "/24", "/31", "/16", ",", "2001:db8::", "1", "/64", "é", ""]
    for _ in 0..<5_000 {
        var text = ""
        for _ in 0..<9 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            text += pieces[Int(state >> 33) % pieces.count]
        }
        guard let networks = try? ClientNetworks(text) else { continue }
        for (index, prefix) in networks.prefixes.enumerated() {
            let overlapping = networks.prefixes[..<index].first(where: prefix.overlaps)
            #expect(overlapping == nil, "seed \(seed): \(text)")
        }
        let again = try? ClientNetworks(networks.prefixes.map { "\($0)" }.joined(separator: ","))
        #expect(again == networks, "seed \(seed): \(text)")
    }
}
