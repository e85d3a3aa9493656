import Testing
import Wire

@Suite struct MACAddressTests {
    @Test(arguments: [
        ("02:00:5e:10:00:01", 0x0200_5e10_0001), ("FF-ff-FF-ff-FF-ff", 0xffff_ffff_ffff),
        ("0:1:2:3:4:5", 0x0001_0203_0405),
        ("00:00:00:00:00:00", 0),
    ])
    func `addresses are read and written`(_ text: String, _ bits: UInt64) throws {
        let address = try #require(MACAddress(text))
        #expect(address.bits == bits)
        #expect(MACAddress(address.description) == address)
        #expect(address.description.count == 17)
        var bytes = [UInt8](repeating: 0xaa, count: 8)
        var span = bytes.mutableRawSpan
        address.write(to: &span, at: 1)
        #expect(MACAddress(bytes.rawSpan, at: 1) == address && bytes[0] == 0xaa && bytes[7] == 0xaa)
    }

    @Test(arguments: [
        "", ":", "02:00:5e:10:00", "02:00:5e:10:00:01:02", "02:00:5e:10:00:0g", "02:00:5e:10:00:", ":02:00:5e:10:00:01",
        "020:0:5e:10:00:01", "02005e100001", "02:00:5e:10:00:01 ", "+2:00:5e:10:00:01", "02.00.5e.10.00.01",
        "０2:00:5e:10:00:01",
    ])
    func `what is no address is refused`(_ text: String) {
        #expect(MACAddress(text) == nil)
    }

    @Test func `group addresses are told from those of one station`() {
        #expect(MACAddress.broadcast.isMulticast && MACAddress("01:00:5e:00:00:01")!.isMulticast)
        #expect(!MACAddress.zero.isMulticast && !MACAddress("02:ff:ff:ff:ff:ff")!.isMulticast)
        #expect(MACAddress(bits: .max) == .broadcast)
    }
}
