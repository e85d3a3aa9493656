import OperatorInterface
import Testing

@Test func `a refusal is one line whatever it quotes`() {
    #expect(Refusal("-F 'tcp\nand': syntax error\r\n").line == "-F 'tcp and': syntax error")
}

@Test(arguments: ["", "-1", "+1", " 1", "1 ", "1_0", "0x1", "1.0", "٣", "99999999999999999999"])
func `only decimal digits are a whole number`(text: String) {
    #expect(WholeNumber.read(text) == nil)
}

@Test func `a whole number beyond its range is refused with the range`() throws {
    #expect(try wholeNumber(1...65535)("65535") == 65535)
    #expect(throws: Refusal("a whole number from 1 to 65535 is expected")) { try wholeNumber(1...65535)("65536") }
    #expect(throws: Refusal("a whole number from 1 to 65535 is expected")) { try wholeNumber(1...65535)("0") }
}
