import Dispatch
import LinkLayer
import NIOCore
import OperatorInterface
import Synchronization
import Wire

/// A capture file that is being played, and the thread that reads it: always one chunk ahead of what is taken.
///
/// All but the reading happens on the shard's event loop.
final class FileSource {
    /// What is next in the file.
    enum Next: Sendable {
        case record(timestamp: Int64)
        /// Not known before the thread has read on.
        case unread
        case end
    }

    private let reading: Reading
    private var reader = CaptureFileReader()
    private var chunk: [UInt8]?
    private var isReadToEnd = false
    /// Why the thread could read no further; what it has read before is played first.
    private var readFailure: SystemRefusal?
    /// Why the file can't be read any further.
    private(set) var failure: Refusal?
    private var isNews = false
    /// Whether the file is one of captured packets, as far as is known.
    private(set) var isCapture = true
    /// Where on the disk the chunk ends that waits to be taken.
    private var chunkEnd = 0
    /// From where to where on the disk the reader's bytes lie, and how many they were.
    private var taken = (start: 0, end: 0, count: 1)
    /// Bytes on the disk.
    let size: Int?

    /// The thread's part.
    private final class Reading: Sendable {
        let path: String
        let descriptor: Int32
        let file: Mutex<CaptureFile>
        let isStopped = Atomic(false)
        let mayRead = DispatchSemaphore(value: 0)

        init(_ path: String) throws(SystemRefusal) {
            let opened = try CaptureFile(path)
            self.path = path
            descriptor = opened.descriptor
            file = Mutex(opened)
        }
    }

    /// Opens the file.
    init(_ path: String) throws(Refusal) {
        do throws(SystemRefusal) {
            reading = try Reading(path)
        } catch {
            throw Refusal("--offline \(path): \(error)", .noInput)
        }
        size = reading.file.withLock { $0.size }
    }

    /// Starts to read; `arrived` is called on the loop when there is more to take.
    func start(on loop: any EventLoop, arrived: @escaping () -> Void) throws(SystemRefusal) {
        let bound = NIOLoopBound((source: self, arrived: arrived), eventLoop: loop)
        let reading = reading
        try ReadinessThread.start(name: "read file", descriptor: reading.descriptor) {
            guard !reading.isStopped.load(ordering: .relaxed) else { return .end }
            let (result, position) = Self.read(reading)
            loop.execute {
                bound.value.source.take(result, position: position)
                bound.value.arrived()
            }
            guard case .success(let bytes) = result, !bytes.isEmpty else { return .end }
            reading.mayRead.wait()
            return .again
        }
    }

    private static func read(_ reading: Reading) -> (Result<[UInt8], SystemRefusal>, position: Int) {
        reading.file.withLock { file in
            do throws(SystemRefusal) {
                return (.success(try file.read()), file.position)
            } catch {
                return (.failure(error), file.position)
            }
        }
    }

    private func take(_ result: Result<[UInt8], SystemRefusal>, position: Int) {
        chunkEnd = position
        switch result {
        case .success(let bytes) where bytes.isEmpty: isReadToEnd = true
        case .success(let bytes): chunk = bytes
        case .failure(let refusal):
            readFailure = refusal
            isReadToEnd = true
        }
    }

    /// Bytes of the file, as it lies on the disk, that were played; of a compressed one about so many. What can't be read counts as
    /// played.
    var position: Int {
        guard failure == nil else { return size ?? taken.end }
        return taken.end - (taken.end - taken.start) * min(reader.waiting, taken.count) / taken.count
    }

    /// What is next, which stays so until it is taken.
    func peek() -> Next {
        do throws(CaptureFileError) {
            while failure == nil {
                if let record = try reader.peek() { return .record(timestamp: record.timestamp) }
                guard let chunk else {
                    guard isReadToEnd else { return .unread }
                    if let readFailure {
                        fail(Refusal("--offline: \(readFailure)", .dataError))
                        return .end
                    }
                    try reader.finish()
                    return .end
                }
                reader.append(chunk)
                self.chunk = nil
                taken = (taken.end, chunkEnd, max(1, reader.waiting))
                reading.mayRead.signal()
            }
        } catch {
            fail(error)
        }
        return .end
    }

    /// Lends records, one after the other, until `body` returns false for one, which stays next, or until the file has
    /// to be read on, is at its end or can't be read.
    ///
    /// That is one access to the reader for all of them, where one for each would cost as much as reading it does.
    func lend(to body: (CaptureRecord, RawSpan) -> Bool) {
        do throws(CaptureFileError) {
            try reader.lend(to: body)
        } catch {
            fail(error)
        }
    }

    private func fail(_ error: CaptureFileError) {
        if error.kind == .notACaptureFile { isCapture = false }
        fail(Refusal("--offline \(reading.path): \(error)", .dataError))
    }

    private func fail(_ refusal: Refusal) {
        guard failure == nil else { return }
        failure = refusal
        isNews = true
    }

    /// Why the file can't be read any further, once.
    func takeNews() -> Refusal? {
        defer { isNews = false }
        return isNews ? failure : nil
    }

    /// Reads no more; the thread ends by itself.
    func stop() {
        reading.isStopped.store(true, ordering: .relaxed)
        reading.mayRead.signal()
    }
}
