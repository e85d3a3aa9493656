import Testing

@testable import OperatorInterface

private func status(_ mask: String) -> String { "Name:\ttcpcopy\nCapPrm:\t0\nCapEff:\t\(mask)\nSeccomp:\t0\n" }

@Test func `a missing capability is named with the command that grants it`() {
    let refusal = #expect(throws: Refusal.self) {
        try Capability.require([.netRaw], status: status("0000000000001000"), program: "/usr/local/bin/tcpcopy")
    }
    #expect(
        refusal
            == Refusal(
                "needs CAP_NET_RAW: run it as root, or: sudo setcap cap_net_raw+ep /usr/local/bin/tcpcopy",
                .noPermission))
}

@Test func `the command grants all that is needed, not only what is missing`() {
    let refusal = #expect(throws: Refusal.self) {
        try Capability.require([.netRaw, .netAdmin], status: status("0000000000002000"), program: "p")
    }
    #expect(refusal?.line.hasPrefix("needs CAP_NET_ADMIN: ") == true)
    #expect(refusal?.line.hasSuffix("setcap cap_net_raw,cap_net_admin+ep p") == true)
}

@Test(arguments: ["0000000000002000", "000001ffffffffff"])
func `a process that has the capability may go on`(mask: String) throws {
    try Capability.require([.netRaw], status: status(mask), program: "p")
}

@Test(arguments: ["", "CapEff:", "CapEff:\tnonsense\n"])
func `an unreadable process status refuses nobody`(text: String) throws {
    try Capability.require([.netRaw], status: text, program: "p")
}
