import OperatorInterface
import Testing

@testable import tcpcopy

@Test(arguments: [
    ("10.0.0.4", "10.0.0.4:36524"), ("10.0.0.4:1", "10.0.0.4:1"), ("assistant", "assistant:36524"),
    ("a-1.example.org:65535", "a-1.example.org:65535"), ("2001:db8::4", "[2001:db8::4]:36524"),
    ("[2001:db8::4]", "[2001:db8::4]:36524"), ("[2001:db8::4]:80", "[2001:db8::4]:80"),
])
func `an assistant is an address or a name, with or without a port`(text: String, read: String) throws {
    #expect(try "\(AssistantAddress(text, defaultPort: 36_524))" == read)
}

@Test(arguments: [
    ("", "-s : '' is no host; an address (IPv6 in brackets) or a name is expected"),
    (":80", "-s :80: '' is no host; an address (IPv6 in brackets) or a name is expected"),
    ("10.0.0.256", "-s 10.0.0.256: '10.0.0.256' is no host; an address (IPv6 in brackets) or a name is expected"),
    ("10.0.0", "-s 10.0.0: '10.0.0' is no host; an address (IPv6 in brackets) or a name is expected"),
    ("[10.0.0.4]:80", "-s [10.0.0.4]:80: '10.0.0.4' is no host; an address (IPv6 in brackets) or a name is expected"),
    ("-a", "-s -a: '-a' is no host; an address (IPv6 in brackets) or a name is expected"),
    ("a b", "-s a b: 'a b' is no host; an address (IPv6 in brackets) or a name is expected"),
    ("10.0.0.4:", "-s 10.0.0.4:: port ''; a number from 1 to 65535 is expected"),
    ("10.0.0.4:0", "-s 10.0.0.4:0: port '0'; a number from 1 to 65535 is expected"),
    ("[2001:db8::4]80", "-s [2001:db8::4]80: port '0'; a number from 1 to 65535 is expected"),
])
func `a malformed assistant is refused by its own name`(text: String, line: String) {
    #expect(throws: Refusal(line)) { _ = try AssistantAddress(text, defaultPort: 36_524) }
}

@Test func `an assistant given twice is refused`() {
    #expect(throws: Refusal("-s 10.0.0.4:36524: given twice")) {
        _ = try AssistantAddress.list("10.0.0.4,10.0.0.4:36524", defaultPort: 36_524)
    }
}
