import OperatorInterface
import Testing
import Wire

@testable import tcpcopy

private let target = Endpoint(IPAddress(v4: 0x0a00_0003), 8080)

@Test func `a lone port copies every address of the capture interface`() throws {
    let rule = try TransferRule("80-10.0.0.3:8080")
    #expect(rule.onlineAddress == nil)
    #expect(rule.onlinePort == 80)
    #expect(rule.target == target)
    #expect(rule.sourceMAC == nil && rule.nextHopMAC == nil)
}

@Test func `addresses and MACs stand on both sides`() throws {
    let rule = try TransferRule("10.0.0.2:80@02:00:00:00:00:02-10.0.0.3:8080@02:00:00:00:00:01")
    #expect(rule.onlineAddress == IPAddress(v4: 0x0a00_0002))
    #expect(rule.sourceMAC == MACAddress(bits: 0x0200_0000_0002))
    #expect(rule.nextHopMAC == MACAddress(bits: 0x0200_0000_0001))
    #expect(rule.target == target)
}

@Test func `an IPv6 address stands in brackets, on either side`() throws {
    let rule = try TransferRule("[2001:db8::2]:80-[2001:db8::3]:8080@02-00-00-00-00-01")
    #expect(rule.onlineAddress == IPAddress("2001:db8::2"))
    #expect(rule.target == Endpoint(try #require(IPAddress("2001:db8::3")), 8080))
    #expect(rule.nextHopMAC == MACAddress(bits: 0x0200_0000_0001))
}

@Test(arguments: [
    "80-10.0.0.3:8080", "10.0.0.2:80-10.0.0.3:80", "[2001:db8::2]:80-[2001:db8::3]:8080",
    "10.0.0.2:80@02:00:00:00:00:02-10.0.0.3:8080@02:00:00:00:00:01", "udp/53-10.0.0.3:53",
    "udp-oneway/[2001:db8::2]:514-[2001:db8::3]:514",
])
func `a rule describes itself as it was given`(text: String) throws {
    #expect(try "\(TransferRule(text))" == text)
}

@Test(arguments: [
    ("", "-x : an empty transfer; expected \(TransferRule.shape)"),
    ("80", "-x 80: no '-'; expected \(TransferRule.shape)"),
    ("80-", "-x 80-: no target port; a number from 1 to 65535 is expected"),
    ("-10.0.0.3:80", "-x -10.0.0.3:80: no online port; a number from 1 to 65535 is expected"),
    ("80-8080", "-x 80-8080: no target address; expected targetIP:targetPort"),
    ("80-10.0.0.3", "-x 80-10.0.0.3: no target port; a number from 1 to 65535 is expected"),
    ("80-10.0.0.3:", "-x 80-10.0.0.3:: no target port; a number from 1 to 65535 is expected"),
    ("0-10.0.0.3:80", "-x 0-10.0.0.3:80: online port '0'; a number from 1 to 65535 is expected"),
    ("80-10.0.0.3:65536", "-x 80-10.0.0.3:65536: target port '65536'; a number from 1 to 65535 is expected"),
    ("http-10.0.0.3:80", "-x http-10.0.0.3:80: online port 'http'; a number from 1 to 65535 is expected"),
    ("80-10.0.0.3:+80", "-x 80-10.0.0.3:+80: target port '+80'; a number from 1 to 65535 is expected"),
    (
        "80-10.0.0.256:80",
        "-x 80-10.0.0.256:80: target address '10.0.0.256'; an IPv4 address, or an IPv6 address in brackets, is expected"
    ),
    (
        "80-target:80",
        "-x 80-target:80: target address 'target'; an IPv4 address, or an IPv6 address in brackets, is expected"
    ),
    (
        ":80-10.0.0.3:80",
        "-x :80-10.0.0.3:80: no online address before ':'; an IPv4 address, or an IPv6 address in brackets, is expected"
    ),
    (
        "80-2001:db8::3:80",
        "-x 80-2001:db8::3:80: target address '2001:db8::3:80'; an IPv6 address is expected in brackets"
    ),
    (
        "80-[2001:db8::3:80",
        "-x 80-[2001:db8::3:80: target address '[2001:db8::3:80': ']' is expected after the IPv6 address"
    ),
    ("80-[2001:db8::3]80", "-x 80-[2001:db8::3]80: '80' after the target address; ':' and a port are expected"),
    (
        "80@02:00-10.0.0.3:80",
        "-x 80@02:00-10.0.0.3:80: source MAC '02:00'; one host's, like 02:00:5e:10:00:01, is expected"
    ),
    (
        "80-10.0.0.3:80@ff:ff:ff:ff:ff:ff",
        "-x 80-10.0.0.3:80@ff:ff:ff:ff:ff:ff: next hop MAC 'ff:ff:ff:ff:ff:ff'; one host's, like 02:00:5e:10:00:01, is expected"
    ),
    (
        "80-10.0.0.3:80@",
        "-x 80-10.0.0.3:80@: next hop MAC ''; one host's, like 02:00:5e:10:00:01, is expected"
    ),
    (
        "10.0.0.2:80-[2001:db8::3]:80",
        "-x 10.0.0.2:80-[2001:db8::3]:80: online is IPv4 and target IPv6; the same family is expected"
    ),
    (
        "[2001:db8::2]:80-10.0.0.3:80",
        "-x [2001:db8::2]:80-10.0.0.3:80: online is IPv6 and target IPv4; the same family is expected"
    ),
    (
        "10.0.0.2:80-10.0.0.2:80",
        "-x 10.0.0.2:80-10.0.0.2:80: the target is the online endpoint itself; another host or port is expected"
    ),
    ("80-127.0.0.1:80", "-x 80-127.0.0.1:80: target address 127.0.0.1 is this host; another host is expected"),
    ("80-0.0.0.0:80", "-x 80-0.0.0.0:80: target address 0.0.0.0 names no host; a host's address is expected"),
    (
        "224.0.0.1:80-10.0.0.3:80",
        "-x 224.0.0.1:80-10.0.0.3:80: online address 224.0.0.1 names no host; a host's address is expected"
    ),
    ("sctp/53-10.0.0.3:53", "-x sctp/53-10.0.0.3:53: 'sctp/'; tcp/, udp/ or udp-oneway/ is expected there"),
    ("UDP/53-10.0.0.3:53", "-x UDP/53-10.0.0.3:53: 'UDP/'; tcp/, udp/ or udp-oneway/ is expected there"),
    ("udp/", "-x udp/: an empty transfer; expected \(TransferRule.shape)"),
    ("udp/53", "-x udp/53: no '-'; expected \(TransferRule.shape)"),
])
func `each malformed rule is refused by its own name`(text: String, line: String) {
    #expect(throws: Refusal(line)) { _ = try TransferRule(text) }
}

@Test func `what carries the traffic stands before the transfer, and is TCP or what the list says otherwise`() throws {
    let text = "udp/53-10.0.0.3:53,53-10.0.0.3:53,tcp/80-10.0.0.3:80,udp-oneway/514-10.0.0.3:514"
    #expect(throws: Refusal("-x 53-10.0.0.3:53: given twice")) {
        _ = try TransferRule.list(text, carrier: .udp)
    }
    #expect(try TransferRule.list(text).map(\.carrier) == [.udp, .tcp, .tcp, .oneWayUDP])
    #expect(try TransferRule.list("53-10.0.0.3:53", carrier: .udp).map(\.carrier) == [.udp])
}

@Test func `rules stand in a list with commas`() throws {
    let rules = try TransferRule.list("80-10.0.0.3:8080,443-10.0.0.3:8443,80-[2001:db8::3]:8080")
    #expect(rules.map(\.onlinePort) == [80, 443, 80])
}

@Test(arguments: [
    ("80-10.0.0.3:80,80-10.0.0.3:80", "-x 80-10.0.0.3:80: given twice"),
    (
        "80-10.0.0.3:80,80-10.0.0.4:80",
        "-x 80-10.0.0.4:80: 80-10.0.0.3:80 already copies that; one target is expected for each online endpoint"
    ),
    (
        "80-10.0.0.3:80,10.0.0.2:80-10.0.0.4:80",
        "-x 10.0.0.2:80-10.0.0.4:80: 80-10.0.0.3:80 already copies that; one target is expected for each online endpoint"
    ),
    ("80-10.0.0.3:80,", "-x : an empty transfer; expected \(TransferRule.shape)"),
])
func `a list that contradicts itself is refused`(text: String, line: String) {
    #expect(throws: Refusal(line)) { _ = try TransferRule.list(text) }
}

@Test func `no text makes the parser trap`() {
    var generator = SystemRandomNumberGenerator()
    let seed = UInt64.random(in: .min ... .max, using: &generator)
    var state = seed
    let pieces = ["80", "-", ":", "@", "[", "]", "10.0.0.3", "2001:db8::3", "02:00:00:00:00:01", ",", "", "é", "0"]
    for _ in 0..<5_000 {
        var text = ""
        for _ in 0..<8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            text += pieces[Int(state >> 33) % pieces.count]
        }
        guard let rules = try? TransferRule.list(text) else { continue }
        let again = try? TransferRule.list(rules.map { "\($0)" }.joined(separator: ","))
        #expect(again == rules, "seed \(seed): \(text)")
    }
}
