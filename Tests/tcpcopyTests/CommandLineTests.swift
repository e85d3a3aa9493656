import ArgumentParser
import Foundation
import LinkLayer
import OperatorInterface
import ReplayEngine
import Testing
import Wire

@testable import tcpcopy

private let host = [
    HostInterface(
        name: "lo", addresses: ["127.0.0.1", "::1", "203.0.113.1"].compactMap(IPAddress.init), isLoopback: true),
    HostInterface(name: "eth0", addresses: ["10.0.0.2", "10.0.1.2", "2001:db8::2"].compactMap(IPAddress.init)),
    HostInterface(name: "eth1", addresses: ["192.0.2.2"].compactMap(IPAddress.init)),
]

private func configuration(_ line: String, processors: Int = 2) throws -> Configuration {
    let words = line.split(separator: " ").map { String($0).replacing("_", with: " ") }
    return try Options.parse(words).configuration(on: host, processors: processors)
}

private let least = "-x 10.0.0.2:80-10.0.0.3:8080 -s 10.0.0.4"

@Test func `the shortest command line has the defaults of the manual`() throws {
    let configuration = try configuration(least)
    #expect(configuration.captureInterfaces == ["eth0"])
    #expect(
        configuration.captureFilter
            == "(tcp dst port 80 and dst host 10.0.0.2) or (tcp and ip[6:2] & 0x1fff != 0 and dst host 10.0.0.2)")
    #expect(configuration.derivesCaptureFilter)
    #expect(configuration.injector == .raw)
    #expect(configuration.assistants.map(\.port) == [36_524])
    #expect(configuration.captureBufferMebibytes == 64 && configuration.snapshotLength == 262_144)
    #expect(configuration.sessionTimeout == .seconds(600) && configuration.keepaliveTimeout == .seconds(720))
    #expect(configuration.waitsForAnswers && configuration.onHole == .reopen)
    #expect(!configuration.startsLonely && !configuration.isDryRun)
    #expect(configuration.clientNetworks == nil && configuration.localhostAddress == nil)
    #expect(configuration.copies == 1 && configuration.portShift == 0)
    #expect(configuration.percent == 100 && !configuration.ramps && !configuration.onlyFullSessions)
    #expect(configuration.memoryLimit == 1_024_000_000)
}

@Test func `without an online address, online is every address of the interface in the target's family`() throws {
    let first = try configuration("-x 80-10.0.0.3:8080 -s 10.0.0.4 -i eth0")
    #expect(
        first.captureFilter == "(tcp dst port 80 and (dst host 10.0.0.2 or dst host 10.0.1.2))"
            + " or (tcp and ip[6:2] & 0x1fff != 0 and dst host 10.0.0.2)"
            + " or (tcp and ip[6:2] & 0x1fff != 0 and dst host 10.0.1.2)")
    let sixth = try configuration("-x 80-[2001:db8::3]:8080 -s 10.0.0.4 -i eth0,eth1")
    #expect(
        sixth.captureFilter
            == "(tcp dst port 80 and dst host 2001:db8::2) or (tcp and ip6[6] = 44 and dst host 2001:db8::2)")
    let any = try configuration("-x 80-10.0.0.3:8080 -s 10.0.0.4")
    #expect(any.captureInterfaces == ["any"])
    #expect(
        any.transfers[0].onlineAddresses.map { "\($0)" } == [
            "127.0.0.1", "203.0.113.1", "10.0.0.2", "10.0.1.2", "192.0.2.2",
        ])
}

@Test func `several transfers are captured by one filter, on the interfaces that hold them`() throws {
    let configuration = try configuration("-x 10.0.0.2:80-10.0.0.3:80,192.0.2.2:443-10.0.0.3:443 -s 10.0.0.4")
    #expect(configuration.captureInterfaces == ["eth0", "eth1"])
    #expect(
        configuration.captureFilter
            == "(tcp dst port 80 and dst host 10.0.0.2) or (tcp dst port 443 and dst host 192.0.2.2)"
            + " or (tcp and ip[6:2] & 0x1fff != 0 and dst host 10.0.0.2)"
            + " or (tcp and ip[6:2] & 0x1fff != 0 and dst host 192.0.2.2)")
}

@Test func `an online address that this host does not hold is looked for everywhere`() throws {
    #expect(try configuration("-x 10.9.9.9:80-10.0.0.3:8080 -s 10.0.0.4").captureInterfaces == ["any"])
}

@Test func `a balancer's address, which stands on the loopback interface, is looked for everywhere`() throws {
    #expect(try configuration("-x 203.0.113.1:80-10.0.0.3:80 -s 10.0.0.4").captureInterfaces == ["any"])
    #expect(try configuration("-x 127.0.0.1:80-10.0.0.3:80 -s 10.0.0.4").captureInterfaces == ["lo"])
}

@Test(arguments: [
    (least, true), ("-x 80-10.0.0.3:8080 -s 10.0.0.4", true), ("-x 203.0.113.1:80-10.0.0.3:80 -s 10.0.0.4", true),
    ("\(least) -i eth1", false), ("\(least) -i eth1,eth0", true), ("\(least) -i any", true),
    ("-x 203.0.113.1:80-10.0.0.3:80 -s 10.0.0.4 -i eth1", true),
    ("\(least) -F tcp_port_80", false), ("-x 10.9.9.9:80-10.0.0.3:8080 -s 10.0.0.4", false),
    ("-x 10.0.0.2:80-10.0.0.3:80,10.9.9.9:443-10.0.0.3:443 -s 10.0.0.4", false),
    ("--record file -F tcp_port_80", false),
])
func `only what arrives is captured where nothing that is wanted leaves`(line: String, isSo: Bool) throws {
    #expect(try configuration(line).capturesArrivalsOnly == isSo)
}

@Test(arguments: [("\(least) -i eth0", true), ("\(least) -i any", false), ("\(least) -i red", false)])
func `where a VRF is listened to, both directions are captured`(line: String, isSo: Bool) throws {
    let red = HostInterface(name: "red", addresses: [try #require(IPAddress("10.0.0.2"))], isVRF: true)
    let words = line.split(separator: " ").map(String.init)
    let configuration = try Options.parse(words).configuration(on: host + [red], processors: 2)
    #expect(configuration.capturesArrivalsOnly == isSo)
}

@Test func `every option reaches the configuration`() throws {
    let configuration = try configuration(
        "-x 80-10.0.0.3:8080 -s 10.0.0.4,other:7 -p 99 -L -i eth0 -F tcp_port_80 -B 128 -S 1600 --dlinject --injector "
            + "packet -o eth1 -W --on-hole end -R 40 -M 1400 -D 1300 -t 30 -k 31 -H 10.0.0.9 --ledger /tmp/ledger "
            + "-n 5 -f 3 -r 50 -g -O -m 16")
    #expect(configuration.assistants.map { "\($0)" } == ["10.0.0.4:99", "other:7"])
    #expect(configuration.startsLonely)
    #expect(configuration.captureInterfaces == ["eth0"])
    #expect(configuration.captureFilter == "tcp port 80")
    #expect(!configuration.derivesCaptureFilter)
    #expect(configuration.captureBufferMebibytes == 128)
    #expect(configuration.snapshotLength == 1600)
    #expect(configuration.injector == .packet)
    #expect(configuration.outputInterface == "eth1")
    #expect(!configuration.waitsForAnswers)
    #expect(configuration.onHole == .end)
    #expect(configuration.roundTrip == .milliseconds(40))
    #expect(configuration.mtu == 1400 && configuration.mss == 1300)
    #expect(configuration.sessionTimeout == .seconds(30) && configuration.keepaliveTimeout == .seconds(31))
    #expect(configuration.localhostAddress == IPAddress("10.0.0.9"))
    #expect(configuration.ledgerFile == "/tmp/ledger")
    #expect(configuration.copies == 5 && configuration.portShift == 3)
    #expect(configuration.percent == 50 && configuration.ramps && configuration.onlyFullSessions)
    #expect(configuration.memoryLimit == 16_000_000)
}

@Test func `what concerns clients reaches the engine`() throws {
    let line = "\(least) -c 10.1.0.x -n 5 -f 3 -r 50 -g -O -m 100"
    let settings = ReplaySettings(try configuration(line), packetSizes: [1500], slice: .whole)
    #expect(settings.clientPool?.count == 254)
    #expect(settings.copies == 5 && settings.portPart == 3)
    #expect(settings.percent == 50 && settings.ramps && settings.onlyFullSessions)
    #expect(settings.memoryLimit == 100_000_000 && settings.backlogLimit == 25_000_000)
    let third = ReplaySettings(try configuration(line), packetSizes: [1500], slice: Slice(index: 2, count: 4))
    #expect(third.memoryLimit == 25_000_000 && third.slice.index == 2)
    let plain = ReplaySettings(try configuration("\(least) -H 10.0.0.9"), packetSizes: [1500], slice: .whole)
    #expect(plain.clientPool == nil && plain.localhostAddress == IPAddress("10.0.0.9"))
    #expect(plain.copies == 1 && plain.portPart == 0 && plain.percent == 100)
}

@Test func `a dry run needs no assistant`() throws {
    #expect(try configuration("-x 10.0.0.2:80-10.0.0.3:8080 --dry-run").isDryRun)
}

@Test(arguments: [
    ("-s 10.0.0.4", "-x is missing; expected -x \(TransferRule.shape)"),
    (
        "-x 10.0.0.2:80-10.0.0.3:80",
        "-s is missing; expected -s with the host that runs intercept (or --dry-run)"
    ),
    ("\(least) -i eth7", "-i eth7: no such interface; one of lo, eth0, eth1 is expected"),
    ("\(least) -i eth0,", "-i : no such interface; one of lo, eth0, eth1 is expected"),
    ("\(least) -i any,eth0", "-i any,eth0: 'any' already means all; expected alone"),
    ("\(least) -i eth0,eth0", "-i eth0,eth0: eth0 is given twice"),
    ("\(least) --dlinject -o eth7", "-o eth7: no such interface; one of lo, eth0, eth1 is expected"),
    ("\(least) -o eth0", "-o eth0: raw IP packets leave where the route says; expected with --dlinject only"),
    ("\(least) --injector libnet", "--injector libnet: sends frames; expected with --dlinject only"),
    (
        "-x 80-10.0.0.3:80@02:00:00:00:00:01 -s 10.0.0.4",
        "-x 80-10.0.0.3:80@02:00:00:00:00:01: raw IP packets have no MAC; '@MAC' is expected with --dlinject only"
    ),
    (
        "-x 80-10.0.1.2:80 -s 10.0.0.4 -i eth0",
        "-x 80-10.0.1.2:80: the target is the online endpoint itself; another host or port is expected"
    ),
    (
        "-x 80-192.0.2.2:81 -s 10.0.0.4 -i eth0",
        "-x 80-192.0.2.2:81: the target's address is this host's, on eth1; another host is expected"
    ),
    (
        "-x 80-[2001:db8::3]:80 -s 10.0.0.4 -i eth1",
        "-x 80-[2001:db8::3]:80: no IPv6 address on eth1 stands for online; expected onlineIP: before the port"
    ),
    ("-x 80-[2001:db8::3]:80 -s 10.0.0.4 -M 1000", "-M 1000: with an IPv6 target, 1280 to 65535 is expected"),
    ("\(least) -M 1000 -D 961", "-D 961: does not fit -M 1000; at most 960 is expected"),
    (
        "\(least) --ledger /nowhere/ledger",
        "--ledger '/nowhere/ledger': no such folder; a file in an existing folder is expected"
    ),
    ("\(least) --ledger /tmp", "--ledger '/tmp': is a folder; a file is expected"),
    (
        "\(least) -F tcp_prot_80",
        "-F 'tcp prot 80': can't parse filter expression: syntax error; a pcap filter is expected"
    ),
    (
        "\(least) -c 10.1.0.7 -H 10.0.0.9",
        "-H 10.0.0.9: -c already replaces all client addresses; one of both is expected"
    ),
    (
        "-x 80-[2001:db8::3]:8080 -s 10.0.0.4 --relay-protocol 1",
        "-x 80-[2001:db8::3]:8080: --relay-protocol 1 knows no IPv6; IPv4 is expected"
    ),
    ("\(least) -a 2", "-a: concerns files; expected with --offline only"),
    ("\(least) -I 1", "-I: concerns files; expected with --offline only"),
    ("\(least) -T 2", "-T: concerns files; expected with --offline only"),
    ("\(least) --offline a,b -i eth0", "-i: concerns live traffic; expected without --offline only"),
    ("\(least) --offline a,b -F tcp", "-F: concerns live traffic; expected without --offline only"),
    ("\(least) --offline a,b -B 64", "-B: concerns live traffic; expected without --offline only"),
    ("\(least) --offline a,b -S 1600", "-S: concerns live traffic; expected without --offline only"),
    ("\(least) --offline a --shards 2", "--shards 2: files are played by one; expected without --offline only"),
    ("\(least) --offline a,b,a", "--offline a,b,a: a is given twice"),
    ("\(least) --offline a,", "--offline 'a,': a file is expected before and after each comma"),
    ("\(least) --offline a,- -T 2", "-T 2: standard input can be read only once; a file is expected"),
    ("--record a.pcapng -i lo", "--record without -x: -F is expected, with what to record: 'tcp dst port 80', say"),
    ("--record a.pcapng -F tcp -s 10.0.0.4", "-s: without -x nothing is replayed; expected with -x only"),
    ("--record a.pcapng -F tcp --shards 2", "--shards: without -x nothing is replayed; expected with -x only"),
    ("--record a.pcapng -F tcp -n 2", "-n: without -x nothing is replayed; expected with -x only"),
    ("--record a.pcapng -F tcp --dry-run", "--dry-run: without -x nothing is replayed; expected with -x only"),
    ("\(least) --record /nowhere/a", "--record '/nowhere/a': no such folder; a file in an existing folder is expected"),
    ("\(least) --record /tmp", "--record '/tmp': is a folder; a file is expected"),
    ("\(least) --record a --offline b", "--record a: records live traffic; expected without --offline only"),
    ("\(least) --record-size 5", "--record-size 5: concerns a recording; expected with --record only"),
    ("\(least) --record-time 5", "--record-time 5: concerns a recording; expected with --record only"),
    ("\(least) --record-keep 5", "--record-keep 5: concerns a recording; expected with --record only"),
    (
        "\(least) --record a --record-keep 5",
        "--record-keep 5: one file is written; --record-size or --record-time is expected too"
    ),
    (
        "-s 10.0.0.4 -x udp/53-10.0.0.3:53 --relay-protocol 1",
        "-x udp/53-10.0.0.3:53: --relay-protocol 1 knows no UDP; TCP is expected"
    ),
])
func `what cannot be obeyed is refused in one line`(line: String, refusal: String) {
    #expect(throws: Refusal(refusal)) { _ = try configuration(line) }
}

@Test func `what is captured is recorded beside the replay, or alone`() throws {
    let both = try configuration("\(least) --record a.pcapng --shards 3")
    #expect(both.recording == RecordingSettings(file: "a.pcapng"))
    #expect(both.replays && both.shards == 3)
    let alone = try configuration(
        "--record /tmp/a --record-size 5 --record-time 60 --record-keep 3 -F tcp_port_80 -S 1600", processors: 8)
    #expect(
        alone.recording
            == RecordingSettings(file: "/tmp/a", largestFile: 5_000_000, longestFile: .seconds(60), keptFiles: 3))
    #expect(!alone.replays && alone.shards == 1 && alone.assistants.isEmpty && alone.transfers.isEmpty)
    #expect(alone.captureInterfaces == ["any"] && alone.captureFilter == "tcp port 80" && alone.snapshotLength == 1600)
    #expect(try configuration("--record a -F tcp -i eth0,eth1").captureInterfaces == ["eth0", "eth1"])
    #expect(try configuration("-x 10.0.0.2:80-10.0.0.3:8080 --dry-run --record a").assistants.isEmpty)
}

@Test func `TCP and UDP are copied in one run, and captured by one filter`() throws {
    let mixed = try configuration("-s 10.0.0.4 -x udp/10.0.0.2:53-10.0.0.3:53,10.0.0.2:53-10.0.0.3:53")
    #expect(mixed.transfers.map(\.carrier) == [.udp, .tcp])
    #expect(
        mixed.captureFilter
            == "(udp dst port 53 and dst host 10.0.0.2) or (tcp dst port 53 and dst host 10.0.0.2) or "
            + "(udp and ip[6:2] & 0x1fff != 0 and dst host 10.0.0.2) or (tcp and ip[6:2] & 0x1fff != 0 and dst host 10.0.0.2)"
    )
    let plain = try configuration("-s 10.0.0.4 -x 10.0.0.2:53-10.0.0.3:53,tcp/10.0.0.2:80-10.0.0.3:80 --udp")
    #expect(plain.transfers.map(\.carrier) == [.udp, .tcp])
}

@Test func `the relay protocol of TCPCopy 1.x is spoken where it is asked for`() throws {
    #expect(try configuration("\(least) --relay-protocol 1").speaksVersion1)
    #expect(try !configuration("\(least) --relay-protocol 2").speaksVersion1)
    #expect(try !configuration(least).speaksVersion1)
}

@Test(arguments: [(1, 1), (2, 1), (3, 2), (64, 63), (500, 64)])
func `there are as many shards as processors beside one for the service`(processors: Int, shards: Int) throws {
    #expect(try configuration(least, processors: processors).shards == shards)
    #expect(try configuration("\(least) --shards 5", processors: processors).shards == 5)
}

@Test(arguments: [
    ("-p 0", "-p <port>", "1 to 65535"), ("-p 65536", "-p <port>", "1 to 65535"), ("-B 0", "-B <MiB>", "1 to 4096"),
    ("-S 127", "-S <bytes>", "128 to 262144"), ("-M 575", "-M <bytes>", "576 to 65535"),
    ("-D 63", "-D <bytes>", "64 to 65495"), ("-R 60001", "-R <ms>", "0 to 60000"),
    ("-t 0", "-t <s>", "1 to 604800"), ("-t ten", "-t <s>", "1 to 604800"), ("-k 604921", "-k <s>", "1 to 604920"),
    ("--record-size 0", "--record-size <MB>", "1 to 1000000"),
    ("--record-time 0", "--record-time <s>", "1 to 604800"),
    ("--record-keep 0", "--record-keep <count>", "1 to 100000"),
    ("-n 0", "-n <count>", "1 to 1023"), ("-n 1024", "-n <count>", "1 to 1023"),
    ("-f 16", "-f <number>", "0 to 15"), ("-r 0", "-r <percent>", "1 to 100"), ("-r 101", "-r <percent>", "1 to 100"),
    ("-m 15", "-m <MB>", "16 to 1048576"), ("-m 1048577", "-m <MB>", "16 to 1048576"),
    ("--relay-protocol 0", "--relay-protocol <version>", "1 to 2"),
    ("--relay-protocol 3", "--relay-protocol <version>", "1 to 2"),
    ("--shards 0", "--shards <count>", "1 to 64"), ("--shards 65", "--shards <count>", "1 to 64"),
    ("--on-hole stop", "--on-hole <way>", "one of reopen, end"),
    ("--injector raw", "--injector <call>", "one of pcap, libnet, packet"),
    ("-H 127.0.0.1", "-H <address>", "an IPv4 address beside 127.0.0.0/8"),
    ("--log-level loud", "--log-level <level>", "one of error, warning, notice, info, debug, trace"),
])
func `a value out of its range names the option, the value and the range`(
    option: String, name: String, expected: String
) throws {
    let value = try #require(option.split(separator: " ").last)
    do {
        _ = try Options.parse(option.split(separator: " ").map(String.init))
        Issue.record("\(option) was accepted")
    } catch {
        let message = Options.message(for: error)
        #expect(message.hasPrefix("The value '\(value)' is invalid for '\(name)'"), "\(message)")
        #expect(message.contains(expected) && message.hasSuffix(" is expected"), "\(message)")
        #expect(!message.contains("\n"))
    }
}

@Test func `options of old scripts are ignored with a notice`() throws {
    let options = try Options.parse("\(least) -U 100 -C 2".split(separator: " ").map(String.init))
    #expect(
        options.retired.notices == [
            "-U 100 has no effect: it is accepted for old scripts",
            "-C 2 has no effect: it is accepted for old scripts",
        ])
}

@Test func `no option is known by a letter that means another in the manual`() throws {
    let help = TcpcopyCommand.helpMessage(columns: 200)
    let manual = [
        "-x, --transfer", "-s, --assistant", "-i, --capture-interface", "-F, --filter", "-B, --capture-buffer",
        "-S, --snaplen", "--dlinject", "--injector", "-o, --output-interface", "-c, --client-address",
        "-H, --localhost-address", "-n, --copies", "-f, --port-shift", "-r, --percent", "-g, --ramp",
        "-O, --only-full-sessions", "-W, --no-wait", "--on-hole", "-R, --rtt", "-M, --mtu", "-D, --mss", "-m, --memory",
        "-t, --session-timeout", "-k, --keepalive-timeout", "-p, --port", "-L, --lonely", "--relay-protocol",
        "--dry-run",
        "--ledger", "--record", "--record-size", "--record-time", "--record-keep", "--udp", "--shards", "--offline",
        "-a, --speed", "-I, --max-gap", "-T, --times",
        "-l, --log-file", "--log-level", "-P, --pid-file", "-d, --daemon", "-v, --version", "-U", "-C",
    ]
    for option in manual {
        let isKnown = help.contains("\n  \(option) ") || help.contains("\n  \(option)\n")
        #expect(isKnown, "\(option) is missing")
    }
}

@Test func `files are played as the manual says`() throws {
    let plain = try configuration("-x 80-10.0.0.3:8080 --dry-run --offline a.pcap,-")
    #expect(plain.playback == PlaybackSettings(files: ["a.pcap", "-"]))
    #expect(plain.captureInterfaces.isEmpty && plain.transfers[0].onlineAddresses.isEmpty)
    let fast = try configuration("-x 192.0.2.9:80-10.0.0.3:8080 -s 10.0.0.4 --offline a -a 2.5 -I 100 -T 0")
    #expect(
        fast.playback
            == PlaybackSettings(files: ["a"], speed: .times(2.5), longestPause: .milliseconds(100), rounds: 0))
    #expect(fast.transfers[0].onlineAddresses.map { "\($0)" } == ["192.0.2.9"])
    #expect(try configuration("\(least) --offline a -a max").playback?.speed == .max)
}

@Test(arguments: ["0", "0.009", "-1", "1e3", "inf", "nan", "fast", "", "1000001", "1.2.3"])
func `a speed that is no plain number in its bounds is refused`(speed: String) {
    #expect(throws: (any Error).self) { try Options.parse(["--offline", "a", "-a", speed]) }
}

@Test func `no file is written over by another option`() throws {
    let folder = URL.temporaryDirectory.appending(path: "tcpcopy-files-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data().write(to: URL(filePath: "\(folder)/a"))
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "\(folder)/a")
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/folder", withDestinationPath: folder)
    let (a, base) = ("\(folder)/a", "-x 80-10.0.0.3:8080 --dry-run")
    for (line, refusal) in [
        ("--offline \(a) --ledger \(a)", "--ledger \(a): is the file of --offline too; another is expected"),
        ("--offline b,\(a) -l \(folder)/./a", "-l \(folder)/./a: is the file of --offline too; another is expected"),
        ("--offline \(a) -P \(folder)/link", "-P \(folder)/link: is the file of --offline too; another is expected"),
        (
            "--record \(folder)/new --ledger \(folder)/new",
            "--record \(folder)/new: is the file of --ledger too; another is expected"
        ),
        ("--offline \(folder)/link --ledger \(a)", "--ledger \(a): is the file of --offline too; another is expected"),
        (
            "-l \(folder)/new --ledger \(folder)/folder/new",
            "-l \(folder)/new: is the file of --ledger too; another is expected"
        ),
        ("-l \(folder)/new -P \(folder)/new", "-P \(folder)/new: is the file of -l too; another is expected"),
    ] {
        #expect(throws: Refusal(refusal)) { _ = try configuration("\(base) \(line)") }
    }
    #expect(try configuration("\(base) -l /dev/null --ledger /dev/null").ledgerFile == "/dev/null")
}
