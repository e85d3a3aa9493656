import Testing
import Wire

@Suite struct InternetChecksumTests {
    private func checksum(_ bytes: [UInt8]) -> UInt16 {
        var checksum = InternetChecksum()
        checksum.add(bytes.rawSpan)
        return checksum.value
    }

    /// RFC 1071, section 4.1, word by word in network byte order: slow and plain.
    private func reference(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
            sum = sum & 0xffff + sum >> 16
        }
        return ~UInt16(sum)
    }

    @Test func `known sums come out`() {
        // RFC 1071, section 3: the sum is ddf2.
        #expect(checksum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]) == ~0xddf2)
        // The IPv4 header of a well-known example, its checksum field zero: b861.
        let header: [UInt8] = [
            0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0x00, 0x00, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8,
            0x00, 0xc7,
        ]
        #expect(checksum(header) == 0xb861)
        #expect(checksum([]) == 0xffff)
        #expect(checksum([0xff, 0xff]) == 0)
        #expect(checksum([0x01]) == ~0x0100)
    }

    @Test func `all lengths agree with the plain formula, at any alignment`() {
        var generator = SplitMix(seed: 1)
        let bytes = (0..<1600).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        for length in 0...200 {
            for start in 0..<4 {
                var sum = InternetChecksum()
                sum.add(bytes.rawSpan.extracting(start..<start + length))
                #expect(sum.value == reference(Array(bytes[start..<start + length])))
            }
        }
        #expect(checksum(bytes) == reference(bytes))
        #expect(checksum(bytes.dropLast()) == reference(bytes.dropLast()))
    }

    @Test func `64 KiB of ones do not overflow`() {
        let bytes = [UInt8](repeating: 0xff, count: 65_535)
        #expect(checksum(bytes) == reference(bytes))
    }

    @Test func `numbers and addresses add up like their bytes`() {
        for address in [Sample.clientV4, Sample.targetV6] {
            var sum = InternetChecksum()
            sum.add(address)
            sum.add(0x1234 as UInt16)
            sum.add(0xfedc_ba98 as UInt32)
            sum.add(0x0123_4567_89ab_cdef as UInt64)
            let bytes =
                address.isIPv4 ? Sample.big(address.v4Bits) : Sample.big(address.high) + Sample.big(address.low)
            #expect(
                sum.value
                    == reference(
                        bytes + [0x12, 0x34, 0xfe, 0xdc, 0xba, 0x98, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]))
        }
    }

    @Test func `bytes with their checksum inserted sum to zero`() {
        var generator = SplitMix(seed: 2)
        for length in stride(from: 2, through: 64, by: 2) {
            var bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            bytes.replaceSubrange(0..<2, with: [0, 0])
            bytes.replaceSubrange(0..<2, with: Sample.big(checksum(bytes)))
            #expect(checksum(bytes) == 0)
        }
    }
}
