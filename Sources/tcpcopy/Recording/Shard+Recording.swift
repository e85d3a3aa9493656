import NIOCore
import ReplayEngine
import Wire

extension Shard {
    /// What is captured from now on is recorded too. Call on its event loop.
    func record(to recording: Recording) {
        let intake = RecordingIntake(recording)
        self.recording = intake
        let bound = NIOLoopBound(intake, eventLoop: loop)
        loop.scheduleRepeatedTask(initialDelay: Recording.interval, delay: Recording.interval) { _ in
            bound.value.handOver()
        }
    }

    /// Whether a packet goes where tcpcopy itself sends.
    func isInjected(_ flow: Flow) -> Bool { replayer.settings.transfers.contains { $0.target == flow.destination } }

    /// In the order of its capture sources, which is the same in all shards.
    var recordedInterfaces: [RecordedInterface] {
        sources.map {
            RecordedInterface(name: $0.interface, linkType: $0.linkType, snapshotLength: $0.snapshotLength)
        }
    }
}
