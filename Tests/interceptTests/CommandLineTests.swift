import ArgumentParser
import OperatorInterface
import Testing
import Wire

@testable import intercept

private let host = ["lo", "eth0", "eth1"]

private func configuration(_ words: String...) throws -> Configuration {
    try Options.parse(words).configuration(on: host)
}

/// The line and the status with which a command line is refused.
private func refusal(_ words: String...) throws -> Refusal {
    do {
        let configuration = try Options.parse(words).configuration(on: host)
        throw Refusal("not refused: \(configuration)", .software)
    } catch let refusal as Refusal {
        return refusal
    } catch {
        return Refusal(Options.message(for: error))
    }
}

@Test func `an interface is enough`() throws {
    #expect(try configuration("-i", "eth0") == Configuration(interfaces: ["eth0"]))
    let defaults = Configuration(interfaces: ["eth0"])
    #expect(defaults.filter == nil && defaults.port == 36_524 && defaults.address == nil)
    #expect(defaults.bufferMebibytes == 64 && defaults.rewrite == nil && !defaults.allowsForwarding)
}

@Test func `every option is taken by its letter and by its name`() throws {
    let short = try configuration(
        "-i", "eth0,eth1", "-F", "tcp and src port 8080", "-p", "4000", "-b", "::1", "-B", "8", "-D",
        "10.0.0.1-172.17.0.2", "--allow-forwarding")
    let long = try configuration(
        "--capture-interface", "eth0,eth1", "--filter", "tcp and src port 8080", "--port", "4000", "--bind", "::1",
        "--capture-buffer", "8", "--rewrite-destination", "10.0.0.1-172.17.0.2", "--allow-forwarding")
    #expect(short == long)
    #expect(short.interfaces == ["eth0", "eth1"])
    #expect(short.filter == "tcp and src port 8080")
    #expect(short.port == 4_000)
    #expect(short.address == IPAddress(high: 0, low: 1))
    #expect(short.bufferMebibytes == 8)
    #expect(short.rewrite == AddressRewrite(from: IPAddress(v4: 0x0a00_0001), to: IPAddress(v4: 0xac11_0002)))
    #expect(short.allowsForwarding)
}

@Test func `bad input is one line that says what is expected`() throws {
    #expect(try refusal().line == "-i is missing; expected -i with the interface where the target's answers arrive")
    #expect(try refusal("-i", "any,eth0").line == "-i any,eth0: 'any' already means all; expected alone")
    #expect(try refusal("-i", "eth0,eth0").line == "-i eth0,eth0: eth0 is given twice")
    #expect(
        try refusal("-i", "eth0,eth7").line
            == "-i eth0,eth7: no such interface: 'eth7'; one of lo, eth0, eth1 is expected")
    #expect(try refusal("-i", "eth0,").line.contains("no such interface: ''"))
    for count in ["0", "65", "two"] {
        #expect(
            try refusal("-i", "lo", "--shards", count).line.contains("a whole number from 1 to 64 is expected"))
    }
    let filter = try refusal("-i", "lo", "-F", "porridge").line
    #expect(filter.hasPrefix("-F 'porridge': ") && filter.hasSuffix("; a pcap filter is expected"))
    for port in ["0", "65536", "x", "-1", "80.0"] {
        #expect(try refusal("-i", "lo", "--port=\(port)").line.contains("a whole number from 1 to 65535 is expected"))
    }
    #expect(try refusal("-i", "lo", "-b", "host").line.contains("an IPv4 or IPv6 address is expected"))
    for pair in ["10.0.0.1", "10.0.0.1-", "10.0.0.1-x", "10.0.0.1-10.0.0.2-10.0.0.3"] {
        #expect(try refusal("-i", "lo", "-D", pair).line.contains("two addresses with '-' between them are expected"))
    }
    #expect(try refusal("-i", "lo", "-D", "10.0.0.1-::1").line.contains("two addresses of one family are expected"))
    #expect(try refusal("-i", "lo", "-B", "0").line.contains("a whole number from 1 to 4096 is expected"))
}

@Test(arguments: [[], ["-i", "any,lo"], ["-i", "lo", "--shards", "0"], ["-i", "lo", "-F", "porridge"], ["-p", "x"]])
func `bad input has the status of a usage error`(words: [String]) {
    do {
        _ = try Options.parse(words).configuration(on: host)
        Issue.record("not refused")
    } catch let refusal as Refusal {
        #expect(refusal.status == .usage)
    } catch {
        #expect(Options.exitCode(for: error) == .validationFailure)
    }
}

@Test func `shards are as many as asked for, and one where nothing is said`() throws {
    #expect(try configuration("-i", "eth0", "--shards", "1") == configuration("-i", "eth0"))
    #expect(try configuration("-i", "eth0", "--shards", "4").shards == 4)
}

@Test func `options of old scripts are accepted with a notice each`() throws {
    let options = try Options.parse(["-i", "eth0", "-s", "65536", "-n", "16"])
    #expect(try options.configuration(on: host) == Configuration(interfaces: ["eth0"]))
    #expect(
        options.retired.notices == [
            "-s 65536 has no effect: it is accepted for old scripts",
            "-n 16 has no effect: it is accepted for old scripts",
        ])
    #expect(try Options.parse(["-i", "eth0"]).retired.notices.isEmpty)
}

@Test func `a rewritten destination leaves everything else as it was`() throws {
    let rewrite = try AddressRewrite("10.0.0.1-172.17.0.2")
    let target = Endpoint(IPAddress(v4: 0x0a00_0003), 8080)
    var header = SegmentHeader(
        flow: Flow(from: target, to: Endpoint(rewrite.from, 40000)), sequence: SequenceNumber(1), flags: [.ack],
        window: 1)
    let rewritten = rewrite(header)
    header.flow.destinationAddress = rewrite.to
    #expect(rewritten == header)
    #expect(rewrite(header) == header)
}
