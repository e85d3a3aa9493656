import Testing
import Wire

@Suite struct IPAddressTests {
    /// RFC 5952, sections 4 and 5, and RFC 4291, section 2.2: what is read, and how it is written.
    static let texts = [
        ("2001:db8::1", "2001:db8::1"), ("2001:0db8::0001", "2001:db8::1"), ("2001:db8::2:1", "2001:db8::2:1"),
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:DB8:AaAa::", "2001:db8:aaaa::"),
        ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:1", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
        ("::", "::"), ("0:0:0:0:0:0:0:0", "::"), ("::1", "::1"), ("1::", "1::"), ("fe80::", "fe80::"),
        ("0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1"), ("0:0:1:0:0:0:0:1", "0:0:1::1"), ("1:0:0:0:0:0:0:0", "1::"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("::13.1.68.3", "::d01:4403"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("::ffff:129.144.52.38", "129.144.52.38"),
        ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("127.0.0.1", "127.0.0.1"),
    ]

    @Test(arguments: texts)
    func `addresses are read in all their forms and written in the canonical one`(_ text: String, _ canonical: String)
        throws
    {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test(arguments: [
        "", ".", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "01.2.3.4", "1.2.3.04", "1..3.4",
        "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\0", "1.2.3.+4", "0x1.2.3.4", "1.2.3.٤", "1.2.3.1000", "a.b.c.d",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "1::2::3", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:",
        "12345::", "g::", "::1%eth0", "[::1]", "::1/128", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4:5",
        "1.2.3.4::", "::01.2.3.4", "1:2:3:4:5:6::7:8", "::-1", "::+1", "::１", "1:2:3:4:5:6:7:8:", "0:0:0:0:0:0:0:0:0",
    ])
    func `what is no address is refused`(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `every pattern of zero groups comes back from its text`() throws {
        for pattern in 0..<256 {
            var (high, low): (UInt64, UInt64) = (0, 0)
            for group in 0..<8 {
                let value: UInt64 = pattern >> group & 1 == 1 ? UInt64(group + 1) : 0
                if group < 4 { high = high << 16 | value } else { low = low << 16 | value }
            }
            let address = IPAddress(high: high, low: low)
            let text = address.description
            #expect(IPAddress(text) == address)
            // RFC 5952, section 4.2: never for one group, once only, and the longest run.
            let runs = (0...8).reduce(into: (best: 0, now: 0)) { runs, group in
                runs.now = group < 8 && pattern >> group & 1 == 0 ? runs.now + 1 : 0
                runs.best = max(runs.best, runs.now)
            }
            #expect(text.contains("::") == (runs.best > 1))
            if runs.best > 1 {
                let shown = text.split(separator: ":").count
                #expect(shown == 8 - runs.best, "\(text)")
            }
        }
    }

    @Test func `many addresses come back from their text`() {
        var generator = SplitMix(seed: 3)
        for _ in 0..<20_000 {
            let mask = generator.next() | generator.next()
            let address = IPAddress(high: generator.next() & mask, low: generator.next() & generator.next())
            #expect(IPAddress(address.description) == address)
            let v4 = IPAddress(v4: UInt32(truncatingIfNeeded: generator.next()))
            #expect(IPAddress(v4.description) == v4 && v4.isIPv4)
        }
    }

    @Test func `addresses of every kind are told apart`() throws {
        let kinds: [(String, loopback: Bool, unspecified: Bool, multicast: Bool, linkLocal: Bool)] = [
            ("127.0.0.1", true, false, false, false), ("127.255.255.255", true, false, false, false),
            ("128.0.0.0", false, false, false, false), ("0.0.0.0", false, true, false, false),
            ("224.0.0.1", false, false, true, false), ("239.255.255.255", false, false, true, false),
            ("240.0.0.0", false, false, false, false), ("169.254.1.1", false, false, false, true),
            ("169.253.255.255", false, false, false, false), ("::1", true, false, false, false),
            ("::", false, true, false, false), ("::2", false, false, false, false),
            ("ff02::1", false, false, true, false),
            ("fe80::1", false, false, false, true), ("febf::1", false, false, false, true),
            ("fec0::1", false, false, false, false), ("2001:db8::1", false, false, false, false),
        ]
        for kind in kinds {
            let address = try #require(IPAddress(kind.0))
            #expect(address.isLoopback == kind.loopback, "\(address)")
            #expect(address.isUnspecified == kind.unspecified, "\(address)")
            #expect(address.isMulticast == kind.multicast, "\(address)")
            #expect(address.isLinkLocal == kind.linkLocal, "\(address)")
            #expect(address.bitWidth == (kind.0.contains(":") ? 128 : 32))
        }
    }
}
