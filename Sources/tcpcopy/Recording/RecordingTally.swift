import OperatorInterface
import Synchronization

/// What has been written. May be asked while the disk is waited for.
final class RecordingTally: Sendable {
    private let counted = Mutex(RecordingFigures())
    private let ended = Mutex<Refusal?>(nil)

    var figures: RecordingFigures { counted.withLock { $0 } }

    /// Why nothing more is written.
    var failure: Refusal? { ended.withLock { $0 } }

    func change(_ body: (inout RecordingFigures) -> Void) { counted.withLock { body(&$0) } }

    func end(for reason: Refusal) { ended.withLock { $0 = reason } }
}
