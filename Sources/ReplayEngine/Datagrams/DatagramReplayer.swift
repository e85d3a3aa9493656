import Wire

/// Replays what clients send by UDP: who sends, from which address, when, and whether an answer came. Does no I/O.
///
/// There is no conversation to carry on: datagrams go at their captured times, in order, whatever the target says. Its
/// answers are only counted: each answers the oldest datagram of its flow that still waits.
struct DatagramReplayer: ~Copyable {
    var flows: [DatagramFlow] = []
    var freeIndices: [Int32] = []
    /// First copies, by the client's flow as captured; all copies, by the flow as replayed.
    var table = FlowTable()
    /// Whether some transfer is of UDP.
    let isUsed: Bool
    /// Nil where none is.
    var pairs: ReplayPairs?
    /// For each transfer.
    var queues: [DatagramQueue]
    var admissions: [DatagramAdmission]
    var schedules: [DatagramSchedule]
    var waits = AnswerWaits()
    /// The flows whose last datagram was captured longest and least long ago.
    var oldest: Int32 = -1
    var newest: Int32 = -1
    /// Bytes that wait to be sent.
    var queuedBytes = 0
    /// Datagrams, times their copies, that are neither answered nor given up yet.
    var inFlight = 0
    /// Whether something may be due to be sent.
    var hasWork = false
    var generator: SplitMix64
    /// Counts fragmented datagrams; each slice has numbers of its own.
    var identification: UInt32

    /// A flow whose client has sent nothing for so long has ended.
    static let idleLimit = Interval.seconds(60)
    /// What a flow costs: itself and its slots in the table, one or two.
    static let bytesPerFlow = MemoryLayout<DatagramFlow>.stride + 2 * 20

    init(_ settings: ReplaySettings, seed: UInt64) {
        generator = SplitMix64(seed: seed)
        identification = UInt32(truncatingIfNeeded: generator.next())
        isUsed = settings.transfers.contains { $0.isUDP }
        pairs = isUsed ? ReplayPairs(settings, start: generator.next()) : nil
        queues = settings.transfers.map { _ in DatagramQueue() }
        schedules = settings.transfers.map { _ in DatagramSchedule() }
        admissions = settings.transfers.map {
            DatagramAdmission(startsSafely: settings.startsSafely && $0.carrier == .udp)
        }
    }

    /// Bytes of everything that is kept.
    var bytesInUse: Int {
        flowCount * Self.bytesPerFlow + queuedBytes + waits.count * AnswerWaits.bytesPerEntry
    }

    var flowCount: Int { flows.count - freeIndices.count }

    func find(_ flow: Flow) -> Int? { table.find(flow, .captured) { flows[$0].captured == flow } }

    func findReplayed(_ flow: Flow) -> Int? { table.find(flow, .replayed) { flows[$0].replayed == flow } }

    /// The next copy of the same client's flow; nil after the last.
    func copy(after index: Int) -> Int? {
        let next = Int(flows[index].nextCopy)
        return next >= 0 ? next : nil
    }
}
