import Wire

/// One client address and port that sends datagrams to one online endpoint, and one copy of it towards the target.
///
/// The first copy of a client's flow stands for all: it is the one that is found by what was captured.
struct DatagramFlow {
    /// Whether what the flow's client sends is replayed.
    enum Choice: UInt8 {
        case replayed
        case notSelected
        /// Selected, but no copy of it found a replay address.
        case addressless
    }

    /// From the client to the online endpoint.
    let captured: Flow
    /// From the replay's client address to the target.
    let replayed: Flow
    let transfer: Int32
    let choice: Choice
    /// Whether it counts as a session at present: false from its end until its client is captured again.
    var isOpen = false
    /// Of the first copy: how many copies there are, and how many more there should be.
    var copies: UInt16 = 0
    var missingCopies: UInt16 = 0
    /// The next copy of the same client's flow; negative for none.
    var nextCopy: Int32 = -1
    /// Of the first copy: the flows that were active just before and just after it; negative for none.
    var older: Int32 = -1
    var newer: Int32 = -1
    /// Of the first copy: datagrams that wait to be sent.
    var queued: UInt32 = 0
    /// Datagrams sent that an answer is awaited to, and how many of these, the oldest, were answered already.
    var waiting: UInt32 = 0
    var answered: UInt32 = 0
    /// Of the first copy: when a datagram was captured last.
    var lastCapture: Instant

    init(captured: Flow, replayed: Flow, transfer: Int, choice: Choice, now: Instant) {
        self.captured = captured
        self.replayed = replayed
        self.transfer = Int32(transfer)
        self.choice = choice
        lastCapture = now
    }
}
