import OperatorInterface
import Testing

@testable import intercept

@Test func `a host that forwards nothing is accepted`() throws {
    try ForwardingCheck.refuse([])
}

@Test func `a host that forwards is refused with the command that mends it`() throws {
    let refusal = #expect(throws: Refusal.self) {
        try ForwardingCheck.refuse(["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"])
    }
    #expect(refusal?.status == .configuration)
    #expect(
        refusal?.line
            == "this host forwards IP packets, so the target's answers would reach the real clients; mend it by: "
            + "sysctl -w net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 (or give --allow-forwarding)")
}
