import NIOCore
import Synchronization

/// How much is on its way from other event loops to one place, and whether that place takes more.
final class RelayThrottle: Sendable {
    private let accepts = Atomic(true)
    private let bytesUnderWay = Atomic(0)

    var isOpen: Bool {
        accepts.load(ordering: .relaxed)
            && bytesUnderWay.load(ordering: .relaxed) < RelayConnection.waterMark.high
    }

    func setAccepts(_ value: Bool) { accepts.store(value, ordering: .relaxed) }
    func leave(_ bytes: Int) { bytesUnderWay.add(bytes, ordering: .relaxed) }
    func arrive(_ bytes: Int) { bytesUnderWay.subtract(bytes, ordering: .relaxed) }
}
