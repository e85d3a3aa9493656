import HeaderRelay
import Testing

@testable import intercept

private func report(relayed: Int, seconds: Int) -> InterceptReport {
    var capture = CaptureCounts()
    capture.frames = 120
    capture.segments = 110
    capture.otherProtocol = 7
    capture.fragments = 2
    capture.unreadable = 1
    capture.kernelDrops = 5
    capture.interfaceDrops = 6
    var relay = RelayServerStatistics()
    relay.relayed = relayed
    relay.everHeld = 3
    relay.held = 1
    relay.subscribers = 2
    relay.connections = 9
    relay.faults = 4
    relay.silences = 8
    return InterceptReport(elapsed: .seconds(seconds), shards: [capture], relay: relay)
}

@Test func `the account names every frame's and every header's end`() {
    #expect(
        report(relayed: 100, seconds: 3).lines == [
            "captured  120 frames: 110 TCP segments, 0 UDP datagrams, 7 of other protocols, 2 fragments, 1 unreadable",
            "lost      5 frames by the kernel, 6 by the interface",
            "relayed   100 headers; 0 not relayed: none",
            "held      3 headers until their owner was known, 1 of them still",
            "tcpcopy   2 hosts; 9 connections so far, 4 closed for what they sent, 8 for silence",
        ])
}

@Test func `several shards each tell their part`() {
    var several = report(relayed: 100, seconds: 3)
    several.shards += several.shards
    #expect(several.lines.first?.hasPrefix("captured  240 frames: 220 TCP segments") == true)
    #expect(several.lines.last == "shards    110 + 110 TCP segments")
}

@Test func `TCPCopy 1_x has a line of its own where it is served`() {
    var old = report(relayed: 100, seconds: 3)
    old.relay.version1.connections = 2
    old.relay.version1.allConnections = 4
    old.relay.version1.sessions = 40
    old.relay.version1.forgotten = 3
    old.relay.version1.refused = 1
    #expect(old.lines.last == "1.x       2 connections of 4 so far, 40 sessions; 3 forgotten, 1 refused")
    #expect(old.line(since: nil).hasSuffix("tcpcopy hosts 2  1.x connections 2"))
}

@Test func `the status line shows the rate since the one before`() {
    let (before, now) = (report(relayed: 100, seconds: 3), report(relayed: 500, seconds: 5))
    #expect(now.line(since: before) == "5 s  200/s  relayed 500  not relayed 0  kernel drops 5  tcpcopy hosts 2")
    #expect(before.line(since: nil) == "3 s  33/s  relayed 100  not relayed 0  kernel drops 5  tcpcopy hosts 2")
}
