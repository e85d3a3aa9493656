import LinkLayer
import Testing
import Wire

@Suite struct FilterCheckTests {
    @Test(arguments: ["", "tcp", "tcp dst port 80 and (dst host 10.0.0.1 or dst host 2001:db8::1)", "vlan 7 and tcp"])
    func `a filter that compiles passes without any privilege`(_ filter: String) throws {
        try FilterCheck.compile(filter)
    }

    @Test(arguments: ["tcp and", "port http-and-more-nonsense", "dst host", "tcp[", "host 1.2.3.4.5"])
    func `a filter that does not compile is refused in one line`(_ filter: String) {
        let refusal = #expect(throws: SystemRefusal.self) { try FilterCheck.compile(filter) }
        #expect(refusal?.description.contains("\n") == false)
        #expect(refusal?.reason.isEmpty == false)
    }

    @Test(arguments: LinkType.allCases)
    func `a filter is compiled for the link type at hand`(_ linkType: LinkType) throws {
        try FilterCheck.compile("tcp dst port 80", linkType: linkType)
    }
}
