import HeaderRelay
import LinkLayer
import Testing
import Wire

@testable import intercept

private func subscription(_ targets: Endpoint...) -> RelaySubscription? {
    RelaySubscription(instance: RelayInstance(high: 1, low: 2), targets: targets)
}

private let first = Endpoint(IPAddress(v4: 0x0a00_0003), 8080)
private let second = Endpoint(IPAddress(v4: 0x0a00_0003), 443)
private let sixth = Endpoint(IPAddress(high: 0x2001_0db8_0000_0000, low: 3), 80)

@Test func `nothing is captured while nothing is asked for`() {
    #expect(ResponseFilter.text(for: []) == nil)
}

@Test func `only what comes from a target is captured`() throws {
    let one = [try #require(subscription(first))]
    #expect(ResponseFilter.text(for: one) == "tcp and (src host 10.0.0.3 and src port 8080)")
}

@Test func `targets of all hosts are captured, each once and in a settled order`() throws {
    let text =
        "tcp and ((src host 10.0.0.3 and (src port 443 or src port 8080)) or (src host 2001:db8::3 and src port 80))"
    let one = try #require(subscription(first, sixth))
    let other = try #require(subscription(sixth, second, first))
    #expect(ResponseFilter.text(for: [one, other]) == text)
    #expect(ResponseFilter.text(for: [other, one]) == text)
}

@Test func `the filter of as many targets as a host may ask for compiles`() throws {
    let targets = (0..<1_024 as Range<UInt32>).map { Endpoint(IPAddress(v4: 0x0a00_0000 + $0 / 4), UInt16($0)) }
    let many = try #require(RelaySubscription(instance: RelayInstance(high: 1, low: 2), targets: targets))
    let text = try #require(ResponseFilter.text(for: [many]))
    try FilterCheck.compile(text)
}

@Test func `answers of UDP are captured beside responses, the first fragments of IPv6 too`() throws {
    let both = try #require(
        RelaySubscription(
            instance: RelayInstance(high: 1, low: 2), targets: [first], datagramTargets: [second, sixth]))
    let text = try #require(ResponseFilter.text(for: [both]))
    let fragments = "(src host 2001:db8::3 and ip6[6] = 44 and ip6[42:2] & 0xfff8 = 0 and ip6[48:2] = 80)"
    #expect(
        text
            == "(tcp and (src host 10.0.0.3 and src port 8080)) or (udp and (((src host 2001:db8::3 and src port 80) or "
            + "\(fragments)) or (src host 10.0.0.3 and src port 443)))")
    try FilterCheck.compile(text)
    let udp = try #require(
        RelaySubscription(instance: RelayInstance(high: 1, low: 2), targets: [], datagramTargets: [second]))
    #expect(ResponseFilter.text(for: [udp]) == "udp and (src host 10.0.0.3 and src port 443)")
}
