import Testing

@testable import ReplayEngine

@Suite struct SizeTests {
    @Test func `an idle session takes at most 512 bytes, its places in tables and timer included`() {
        #expect(Replayer.bytesPerSession <= 512, "a session takes \(Replayer.bytesPerSession) bytes")
    }
}
