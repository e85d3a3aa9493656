import Testing
import Wire

@Suite struct AddressPrefixTests {
    private func prefix(_ text: String) -> AddressPrefix { AddressPrefix(text)! }

    @Test(arguments: [
        ("10.1.2.3/8", "10.0.0.0/8"), ("10.1.2.3", "10.1.2.3/32"), ("0.0.0.0/0", "0.0.0.0/0"),
        ("255.255.255.255/31", "255.255.255.254/31"), ("2001:db8::1", "2001:db8::1/128"),
        ("2001:db8:ffff::/33", "2001:db8:8000::/33"), ("ffff::ffff/64", "ffff::/64"), ("::1/65", "::/65"),
        ("ff::/0", "::/0"), ("1:2:3:4:ffff::/68", "1:2:3:4:f000::/68"),
    ])
    func `networks are read, and bits beyond their length are cleared`(_ text: String, _ canonical: String) throws {
        let prefix = try #require(AddressPrefix(text))
        #expect(prefix.description == canonical)
        #expect(AddressPrefix(canonical) == prefix)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "::/129", "10.0.0/8", "/8",
        "10.0.0.0/ 8", "10.0.0.0/8 ", "10.0.0.0/99999999999999999999", "x/8", "10.0.0.0/٨",
    ])
    func `what is no network is refused`(_ text: String) {
        #expect(AddressPrefix(text) == nil)
    }

    @Test func `a network holds the addresses that share its first bits, at every length`() {
        for text in ["10.170.85.204", "2001:db8:aaaa:5555:cccc:3333:f0f0:0f0f"] {
            let address = IPAddress(text)!
            for length in 0...address.bitWidth {
                let prefix = AddressPrefix(address, length: length)!
                #expect(prefix.contains(address) && prefix.contains(prefix.address))
                for bit in 0..<address.bitWidth {
                    #expect(prefix.contains(flipping(bit, of: address)) == (bit >= length), "\(prefix), bit \(bit)")
                }
            }
            #expect(AddressPrefix(address, length: -1) == nil)
            #expect(AddressPrefix(address, length: address.bitWidth + 1) == nil)
        }
    }

    /// The address with one bit changed; 0 is the first that is written.
    private func flipping(_ bit: Int, of address: IPAddress) -> IPAddress {
        let place = 127 - bit - (address.isIPv4 ? 96 : 0)
        return place < 64
            ? IPAddress(high: address.high, low: address.low ^ 1 << UInt64(place))
            : IPAddress(high: address.high ^ 1 << UInt64(place - 64), low: address.low)
    }

    @Test func `no network of one family holds an address of the other`() {
        #expect(!prefix("0.0.0.0/0").contains(IPAddress("::1")!))
        #expect(!prefix("::/0").contains(IPAddress("10.0.0.1")!))
        #expect(!prefix("::/0").overlaps(prefix("0.0.0.0/0")) && !prefix("0.0.0.0/0").overlaps(prefix("::/0")))
    }

    @Test func `networks overlap where one holds the other, in both orders`() {
        let all = [
            "0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.128.0.1", "11.0.0.0/8", "::/0",
            "2001:db8::/32", "2001:db8:8000::/33", "2001:db8::/64", "2001:db8::1", "2001:db9::/32",
        ].map(prefix)
        // All pairs, against their first and last addresses.
        for one in all {
            for other in all {
                let isNested = one.contains(other.address) || other.contains(one.address)
                #expect(one.overlaps(other) == isNested && other.overlaps(one) == isNested, "\(one) \(other)")
            }
        }
        #expect(!prefix("10.0.0.0/9").overlaps(prefix("10.128.0.0/9")))
        #expect(prefix("10.0.0.0/8").overlaps(prefix("10.128.0.1")))
        #expect(!prefix("2001:db8::/64").overlaps(prefix("2001:db8:8000::/33")))
    }
}
